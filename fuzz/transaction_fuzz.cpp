// A script drives one transaction layer from both sides: requests and answers of its user, messages of peers
// with few branches and tags (so that they meet), retransmissions, dead sockets and connections, time. When
// it is over, time runs out, and nothing may be left.
#include <cstdint>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/log.h"
#include "base/random.h"
#include "script.h"
#include "sip/message/parser.h"
#include "sip/transaction/transaction_layer.h"

namespace {

using namespace sidetone;
using namespace sidetone::sip;
using std::chrono::milliseconds;

constexpr std::size_t steps_max = 200;
constexpr std::string_view methods[] = {"INVITE",  "ACK",    "BYE",   "CANCEL",
                                        "OPTIONS", "NOTIFY", "PRACK", "REGISTER"};

class Table {
 public:
  explicit Table(fuzz::Script& script) : script_(script) {
    udp_ = layer_.transport().add_udp_socket(*Address::parse("192.0.2.1:5060", 0));
    tcp_ = layer_.transport().add_listener(Transport::tcp, *Address::parse("192.0.2.1:5060", 0));
  }

  void step() {
    switch (script_.below(10)) {
      case 0: return send();
      case 1: return respond();
      case 2: return cancel();
      case 3: return peer_request();
      case 4:
      case 5: return peer_response();
      case 6: return connections();
      case 7: return acks();
      case 8: return repeat();
      default: return pass(milliseconds(std::size_t{1} << script_.below(16)));
    }
  }

  void end() {
    for (const auto id : servers_) {  // the user owes each request an answer
      if (const auto* request = layer_.request_of(id))
        layer_.respond(id, Message::response(*request, 500, {}, "end"), now_);
      drain();
    }
    servers_.clear();
    while (!asked_.empty()) answer_name(false);
    const auto cancelled = clients_;
    for (const auto id : cancelled) layer_.cancel(id, now_);
    drain();
    for (int hour = 0; hour < 3; ++hour) pass(std::chrono::hours(1));
    const auto counters = layer_.counters();
    ST_ASSERT(counters.clients == 0 && counters.servers == 0 && counters.timers == 0);
    ST_ASSERT(layer_.transport().counters().pending == 0);
    ST_ASSERT(layer_.transport().counters().connections == 0);
  }

 private:
  void send() {
    const auto method = methods[script_.below(std::size(methods))];
    if (method == "ACK" || method == "CANCEL") return;
    auto request = Message::request(method, "sip:bob@example.com");
    request.add(HeaderId::max_forwards, "70");
    request.add(HeaderId::from, "<sip:alice@example.com>;tag=a1");
    request.add(HeaderId::to, "<sip:bob@example.com>");
    request.add(HeaderId::call_id, "c1");
    request.add(HeaderId::cseq, "7 " + std::string(method));
    if (script_.below(8) == 0) request.set_body(std::string(1400, 'x'), "text/plain");  // moves to TCP
    clients_.push_back(layer_.send(std::move(request), hop(), now_));
    drain();
  }
  NextHop hop() {
    NextHop hop;
    hop.transport = script_.below(3) == 0 ? Transport::tcp : Transport::udp;
    hop.host = script_.below(6) == 0 ? "server.example" : "198.51.100.7";
    hop.port = 5070;
    return hop;
  }
  void respond() {
    if (servers_.empty()) return;
    static constexpr int statuses[] = {100, 180, 183, 200, 202, 302, 404, 487, 503, 603};
    const auto id = servers_[script_.below(servers_.size())];
    if (const auto* request = layer_.request_of(id))
      layer_.respond(id, Message::response(*request, statuses[script_.below(std::size(statuses))], {}, "t1"),
                     now_);
    else if (script_.chance())
      layer_.resend_2xx(id, now_);
    else
      layer_.settle(id);
    drain();
  }
  void cancel() {
    if (clients_.empty()) return;
    layer_.cancel(clients_[script_.below(clients_.size())], now_, script_.chance() ? "SIP;cause=200" : "");
    drain();
  }
  void peer_request() {
    const auto method = methods[script_.below(std::size(methods))];
    std::string text(method);
    text += " sip:alice@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7:5070;branch=";
    text += script_.below(8) == 0 ? "old" : "z9hG4bK";
    text += std::to_string(script_.below(4));
    text += "\r\nFrom: <sip:bob@example.com>;tag=b" + std::to_string(script_.below(2));
    text += "\r\nTo: <sip:alice@example.com>";
    if (script_.chance()) text += ";tag=t1";
    text += "\r\nCall-ID: in1\r\nMax-Forwards: 70\r\nCSeq: " + std::to_string(script_.below(3)) + " ";
    text += method;
    text += "\r\nContent-Length: 0\r\n\r\n";
    arrive(std::move(text));
  }
  // An answer to something that we sent, as it should be or with other tags and numbers.
  void peer_response() {
    if (sent_.empty()) return;
    const auto request = parse_message(sent_[script_.below(sent_.size())]);
    if (!request || !request->is_request()) return;
    static constexpr int statuses[] = {100, 180, 200, 200, 302, 401, 487, 503, 600, 699};
    const auto status = statuses[script_.below(std::size(statuses))];
    arrive(Message::response(*request, status, {}, script_.chance() ? "p1" : "p2").to_bytes());
  }
  void repeat() {
    if (arrived_.empty()) return;
    arrive(arrived_[script_.below(arrived_.size())]);
  }
  void acks() {
    auto ack = Message::request("ACK", "sip:bob@198.51.100.7");
    ack.add(HeaderId::from, "<sip:alice@example.com>;tag=a1");
    ack.add(HeaderId::to, "<sip:bob@example.com>;tag=p1");
    ack.add(HeaderId::call_id, "c1");
    ack.add(HeaderId::cseq, "7 ACK");
    const auto handle = layer_.send_ack(std::move(ack), hop(), now_);
    drain();
    layer_.resend_ack(*handle, now_);
    drain();
  }
  void connections() {
    auto& transport = layer_.transport();
    switch (script_.below(7)) {
      case 6:
        if (!asked_.empty()) answer_name(script_.chance());
        break;
      case 0:
        if (!opening_.empty()) {
          const auto id = take(opening_);
          transport.opened(id, *Address::parse("192.0.2.1:40000", 0), *Address::parse("198.51.100.7:5070", 0),
                           now_);
          open_.push_back(id);
        }
        break;
      case 1:
        if (!opening_.empty()) transport.closed(take(opening_), "refused", now_);
        break;
      case 2:
        if (!open_.empty()) transport.closed(take(open_), "reset", now_);
        break;
      case 3:
        if (const auto id = transport.accepted(tcp_, *Address::parse("192.0.2.1:5060", 0),
                                               *Address::parse("198.51.100.7:40001", 0), now_))
          open_.push_back(id);
        break;
      case 4:
        if (!open_.empty()) transport.stream_data(open_[script_.below(open_.size())], script_.text(60), now_);
        break;
      default: transport.datagram_failed(udp_, *Address::parse("198.51.100.7:5070", 0), "unreachable", now_);
    }
    drain();
  }
  template <typename Id>
  Id take(std::vector<Id>& from) {
    const auto at = script_.below(from.size());
    const auto id = from[at];
    from.erase(from.begin() + static_cast<std::ptrdiff_t>(at));
    return id;
  }
  // By the network, or by a connection that is open.
  void arrive(std::string bytes) {
    arrived_.push_back(bytes);
    if (!open_.empty() && script_.below(4) == 0)
      layer_.transport().stream_data(open_[script_.below(open_.size())], bytes, now_);
    else
      layer_.transport().datagram(udp_, *Address::parse("198.51.100.7:5070", 0), std::move(bytes), now_);
    drain();
  }
  void pass(Duration duration) {
    const Time end = now_ + duration;
    for (std::size_t rounds = 0;; ++rounds) {
      ST_ASSERT(rounds < 100000);  // a deadline that does not move
      const auto deadline = layer_.deadline();
      if (!deadline || deadline->when > end) break;
      if (deadline->when > now_) now_ = deadline->when;
      layer_.on_time(now_);
      drain();
    }
    now_ = end;
  }
  void drain() {
    layer_.pump(now_);
    while (auto io = layer_.transport().poll_io()) std::visit([&](auto& out) { carry_out(out); }, *io);
    while (auto event = layer_.poll_event())
      if (const auto* request = std::get_if<RequestReceived>(&*event); request && request->id)
        servers_.push_back(request->id);
  }
  void carry_out(SendDatagram& out) { keep(*out.bytes); }
  void carry_out(SendStream& out) { keep(*out.bytes); }
  void carry_out(OpenConnection& out) { opening_.push_back(out.connection); }
  void carry_out(CloseConnection& out) {
    std::erase(opening_, out.connection);
    std::erase(open_, out.connection);
  }
  void carry_out(DnsQuery& out) { asked_.push_back(out); }
  void answer_name(bool known) {
    const auto query = take(asked_);
    DnsAnswer answer;
    answer.outcome = known ? DnsAnswer::Outcome::answered : DnsAnswer::Outcome::no_name;
    if (known)
      answer.answers.push_back({query.name, std::chrono::seconds(60), *IpAddress::parse("198.51.100.7")});
    layer_.transport().dns_answer(query.id, answer, now_);
    drain();
  }
  void keep(const std::string& bytes) {
    if (sent_.size() < 64) sent_.push_back(bytes);
  }

  fuzz::Script& script_;
  Time now_{std::chrono::seconds(100)};
  SeededRandom random_{1};
  NullSink log_;
  TransactionLayer layer_{{}, {}, random_, log_};
  SocketId udp_, tcp_;
  std::vector<ClientTransactionId> clients_;
  std::vector<ServerTransactionId> servers_;
  std::vector<ConnectionId> opening_, open_;
  std::vector<DnsQuery> asked_;
  std::vector<std::string> sent_, arrived_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  Table table(script);
  for (std::size_t step = 0; step < steps_max && !script.done(); ++step) table.step();
  table.end();
  return 0;
}
