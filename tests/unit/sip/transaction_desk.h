// One transaction layer on a desk: time is moved by hand, the wire is text in both directions.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "sip/message/headers.h"
#include "sip/message/parser.h"
#include "sip/transaction/transaction_layer.h"

namespace sidetone::sip::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct OnWire {
  Duration at;
  std::string bytes;
  Address to;               // datagrams
  ConnectionId connection;  // streams
  [[nodiscard]] Message message() const {
    auto parsed = parse_message(bytes);
    EXPECT_TRUE(parsed.has_value()) << bytes;
    return parsed ? std::move(*parsed) : Message();
  }
  // "INVITE", "200"
  [[nodiscard]] std::string what() const {
    const auto first = bytes.substr(0, bytes.find("\r\n"));
    return first.starts_with("SIP/2.0 ") ? first.substr(8, 3) : first.substr(0, first.find(' '));
  }
};

class Desk {
 public:
  explicit Desk(TransportSettings transport = {}, TimerSettings timers = {}, std::uint64_t seed = 1)
      : random(seed), layer(transport, timers, random, log) {
    udp = layer.transport().add_udp_socket(*Address::parse("192.0.2.1:5060", 0));
  }

  // --- the world's inputs
  void from_wire(std::string bytes, const Address& from) {
    layer.transport().datagram(udp, from, std::move(bytes), now);
    drain();
  }
  void from_wire(std::string bytes) { from_wire(std::move(bytes), peer); }
  void from_stream(ConnectionId connection, std::string_view bytes) {
    layer.transport().stream_data(connection, bytes, now);
    drain();
  }
  // Lets time pass; every deadline is met on its own moment.
  void pass(Duration duration) {
    const Time end = now + duration;
    while (const auto deadline = layer.deadline()) {
      if (deadline->when > end) break;
      if (deadline->when > now) now = deadline->when;
      reasons.emplace_back(deadline->why);
      layer.on_time(now);
      drain();
    }
    now = end;
  }
  void drain() {
    layer.pump(now);
    while (auto io = layer.transport().poll_io()) {
      if (auto* datagram = std::get_if<SendDatagram>(&*io))
        wire.push_back({since_start(), *datagram->bytes, datagram->to, {}});
      else if (auto* stream = std::get_if<SendStream>(&*io))
        wire.push_back({since_start(), *stream->bytes, {}, stream->connection});
      else if (auto* open = std::get_if<OpenConnection>(&*io))
        opens.push_back(*open);
      else if (auto* close = std::get_if<CloseConnection>(&*io))
        closes.push_back(*close);
      else if (auto* question = std::get_if<DnsQuery>(&*io))
        queries.push_back(*question);
    }
    while (auto event = layer.poll_event()) events.push_back(std::move(*event));
  }

  // --- the resolver: A records of the name that was asked for last
  void answer_dns(std::vector<IpAddress> addresses) {
    DnsAnswer answer;
    for (const auto& ip : addresses) answer.answers.push_back({queries.back().name, seconds(1), ip});
    if (addresses.empty()) answer.outcome = DnsAnswer::Outcome::no_name;
    layer.transport().dns_answer(queries.back().id, answer, now);
    drain();
  }

  // --- our side
  ClientTransactionId send(Message request, NextHop hop) {
    const auto id = layer.send(std::move(request), std::move(hop), now);
    drain();
    return id;
  }
  ClientTransactionId send(Method method) { return send(request(method), hop()); }
  bool respond(ServerTransactionId id, int status, std::string_view tag = "here") {
    const Message* request = layer.request_of(id);
    if (request == nullptr) return false;
    const bool sent = layer.respond(id, Message::response(*request, status, {}, tag), now);
    drain();
    return sent;
  }
  [[nodiscard]] NextHop hop(Transport transport = Transport::udp) const {
    NextHop next;
    next.transport = transport;
    next.host = peer.ip.to_string();
    next.port = peer.port;
    return next;
  }
  [[nodiscard]] static Message request(Method method) {
    Message message = Message::request(method, "sip:bob@example.com");
    message.add(HeaderId::max_forwards, "70");
    message.add(HeaderId::from, "<sip:alice@example.com>;tag=a1");
    message.add(HeaderId::to, "<sip:bob@example.com>");
    message.add(HeaderId::call_id, "c1@192.0.2.1");
    message.add(HeaderId::cseq, "7 " + std::string(to_string(method)));
    if (method == Method::invite) message.add(HeaderId::contact, "<sip:alice@192.0.2.1>");
    return message;
  }
  // What the peer answers to `request`.
  [[nodiscard]] static std::string answer(const OnWire& request, int status, std::string_view tag = "b1") {
    return Message::response(request.message(), status, {}, tag).to_bytes();
  }
  // What a peer asks of us.
  [[nodiscard]] static std::string incoming(std::string_view method, std::string_view branch = "z9hG4bKpeer1",
                                            std::string_view to_tag = {}, std::string_view extra = {}) {
    std::string text(method);
    text += " sip:alice@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7:5070";
    if (!branch.empty()) text += ";branch=" + std::string(branch);
    text += "\r\nMax-Forwards: 70\r\nFrom: <sip:bob@example.com>;tag=b1\r\nTo: <sip:alice@example.com>";
    if (!to_tag.empty()) text += ";tag=" + std::string(to_tag);
    text += "\r\nCall-ID: in1@198.51.100.7\r\nCSeq: 3 " + std::string(method) + "\r\n";
    if (method == "INVITE") text += "Contact: <sip:bob@198.51.100.7:5070>\r\n";
    return text + std::string(extra) + "Content-Length: 0\r\n\r\n";
  }

  // --- what came of it
  template <typename Event>
  [[nodiscard]] std::vector<const Event*> all() const {
    std::vector<const Event*> found;
    for (const auto& event : events)
      if (const auto* value = std::get_if<Event>(&event)) found.push_back(value);
    return found;
  }
  template <typename Event>
  [[nodiscard]] const Event* last() const {
    const auto found = all<Event>();
    return found.empty() ? nullptr : found.back();
  }
  [[nodiscard]] std::vector<std::string> what() const {
    std::vector<std::string> names;
    for (const auto& sent : wire) names.push_back(sent.what());
    return names;
  }
  [[nodiscard]] std::vector<std::int64_t> times_ms(std::string_view name) const {
    std::vector<std::int64_t> times;
    for (const auto& sent : wire)
      if (sent.what() == name) times.push_back(std::chrono::duration_cast<milliseconds>(sent.at).count());
    return times;
  }
  [[nodiscard]] bool took(std::string_view transition) const {
    for (const auto& [name, count] : layer.transitions())
      if (name == transition) return count > 0;
    return false;
  }
  [[nodiscard]] std::size_t alive() const { return layer.counters().clients + layer.counters().servers; }
  [[nodiscard]] Duration since_start() const { return now - Time{} - Duration(seconds(100)); }

  Time now = Time{} + seconds(100);
  SeededRandom random;
  NullSink log;
  TransactionLayer layer;
  SocketId udp;
  Address peer = *Address::parse("198.51.100.7:5070", 0);
  std::vector<OnWire> wire;
  std::vector<OpenConnection> opens;
  std::vector<CloseConnection> closes;
  std::vector<DnsQuery> queries;
  std::vector<TransactionEvent> events;
  std::vector<std::string> reasons;  // of the deadlines that were met
};

}  // namespace sidetone::sip::test
