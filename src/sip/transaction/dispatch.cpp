#include "sip/transaction/dispatch.h"

#include <fmt/format.h>

#include "base/shrink.h"
#include "sip/message/headers.h"
#include "sip/transaction/match.h"

namespace sidetone::sip::transaction {
namespace {

// §8.1.3.3: a response with more Via values than our one belongs to somebody else.
bool has_one_via(const Message& message) {
  std::size_t count = 0;
  for (const auto& field : message.fields()) count += field.id == HeaderId::via ? 1 : 0;
  return count == 1;
}

}  // namespace

void Dispatch::pump(Time now) {
  while (auto event = core_.transport.poll_event())
    std::visit([&]<typename Event>(Event&& value) { on(std::forward<Event>(value), now); },
               std::move(*event));
}

void Dispatch::fire_timers(Time now) {
  while (const auto due = core_.heap.take_due(now)) {
    if (belongs_to_client(due->kind)) {
      Client& client = *core_.client(ClientTransactionId{due->owner});
      (is_repeated(due->kind) ? client.repeat : client.end) = 0;
      if (client.method == Method::invite)
        ict::on_timer(core_, client, due->kind, now);
      else
        nict::on_timer(core_, client, due->kind, now);
    } else {
      Server& server = *core_.server(ServerTransactionId{due->owner});
      (is_repeated(due->kind) ? server.repeat : server.end) = 0;
      if (server.is_invite)
        ist::on_timer(core_, server, due->kind, now);
      else
        nist::on_timer(core_, server, due->kind);
    }
  }
}

void Dispatch::on(TransportLayer::Received received, Time now) {
  if (received.message.is_request())
    on_request(received.flow, std::move(received.message), now);
  else
    on_response(received.flow, std::move(received.message), now);
}

// What cannot be read is refused without state, so that a flood of it costs
// nothing. The transport lets only requests other than ACK through.
void Dispatch::on(TransportLayer::Unparsable unparsable, Time now) {
  const ParseError& error = unparsable.error;
  if (!error.answerable) return;
  const std::string reason = fmt::format("{} ({})", reason_phrase(error.status), error.header);
  core_.answer_stateless(*error.answerable, unparsable.flow, error.status, reason, now);
}

void Dispatch::on(TransportLayer::Sent sent, Time now) {
  if (Client* client = core_.client(ClientTransactionId{sent.token})) {
    client->flow = sent.flow;
    client->bytes = std::move(sent.bytes);
    if (client->method == Method::invite)
      ict::on_sent(core_, *client, now);
    else
      nict::on_sent(core_, *client, now);
    return;
  }
  const auto ack = acks_.find(sent.token);
  if (ack == acks_.end()) return;
  if (const auto handle = ack->second.lock()) {
    handle->flow = sent.flow;
    handle->bytes = std::move(sent.bytes);
  }
  acks_.erase(ack);
  shrink_if_sparse(acks_);
}

void Dispatch::on(TransportLayer::SendError error, Time) {
  if (Client* client = core_.client(ClientTransactionId{error.token})) {
    if (client->method == Method::invite)
      ict::on_transport_error(core_, *client, std::move(error.why));
    else
      nict::on_transport_error(core_, *client, std::move(error.why));
    return;
  }
  acks_.erase(error.token);
}

void Dispatch::on(TransportLayer::FlowLost lost, Time) { core_.events.emplace_back(std::move(lost)); }

// The branch, 82 random bits that only those on the path have seen, does the work of comparing sent-by with
// our addresses (RFC 3261 §18.1.2), which would fail when a public address changes meanwhile.
void Dispatch::on_response(const Flow& flow, Message response, Time now) {
  if (!has_one_via(response)) return;
  const auto via = Via::parse(response.value(HeaderId::via));
  if (!via) return;
  Client* client = core_.find_client(client_key(via->branch(), response.method()));
  if (client == nullptr || client->method != response.method()) return;  // RFC 6026 §7.2: stray
  if (client->method == Method::invite)
    ict::on_response(core_, *client, flow, std::move(response), now);
  else
    nict::on_response(core_, *client, flow, std::move(response), now);
}

void Dispatch::on_request(const Flow& flow, Message request, Time now) {
  const auto via = Via::parse(request.value(HeaderId::via));
  if (!via) return;
  const bool for_invite = request.method() == Method::ack || request.method() == Method::cancel;
  std::string key = server_key(request, *via, for_invite ? "INVITE" : request.method_name());
  Server* server = core_.find_server(key);
  // Who began a transaction may repeat, acknowledge and cancel what it holds, also when its dialog is gone.
  const bool is_its_own = server != nullptr && server->flow.remote.ip == flow.remote.ip;
  if (!is_its_own && !is_admitted(flow, request, now)) return;
  if (request.method() == Method::ack) return on_ack(flow, std::move(request), key, now);
  if (request.method() == Method::cancel) return on_cancel(flow, std::move(request), key, now);
  if (server != nullptr) {
    if (server->is_invite)
      ist::on_retransmission(core_, *server, now);
    else
      nist::on_retransmission(core_, *server, now);
    return;
  }
  begin(flow, std::move(request), std::move(key), now);
}

bool Dispatch::is_admitted(const Flow& flow, const Message& request, Time now) {
  const int status = core_.gate == nullptr ? 0 : core_.gate->judge(flow, request, now);
  if (status != 0 && request.method() != Method::ack) core_.answer_stateless(request, flow, status, {}, now);
  return status == 0;
}

// A server that went mad fills the table with calls; those that live must still be ended and held. Bound:
// what is kept for them, so that a peer within a dialog cannot go on without end either.
bool Dispatch::has_room_for(const Message& request) const {
  constexpr std::size_t kept_for_dialogs = 1000;
  const std::size_t live = core_.clients.size() + core_.servers.size();
  if (live < core_.timers.transactions_max) return true;
  return live < core_.timers.transactions_max + kept_for_dialogs && core_.gate != nullptr &&
         core_.gate->is_in_dialog(request);
}

void Dispatch::begin(const Flow& flow, Message request, std::string key, Time now) {
  if (!has_room_for(request)) {
    ++core_.counters.overloaded;
    core_.answer_stateless(request, flow, 503, {}, now);
    return;
  }
  Server& server = core_.add_server(std::move(key), request, flow);
  if (server.is_invite)
    ist::start(core_, server, now);
  else
    nist::start(core_, server);
  core_.events.emplace_back(RequestReceived{server.id, flow, std::move(request)});
}

void Dispatch::on_ack(const Flow& flow, Message ack, std::string_view key, Time now) {
  Server* server = core_.find_server(key);
  if (server != nullptr && ist::on_ack(core_, *server, now)) return;
  core_.events.emplace_back(RequestReceived{{}, flow, std::move(ack)});
}

// §9.2. Answered without a transaction of its own: a repeated CANCEL gives the same answer by itself while
// the INVITE's transaction lives, which is as long as it can be repeated.
void Dispatch::on_cancel(const Flow& flow, Message cancel, std::string_view invite_key, Time now) {
  Server* server = core_.find_server(invite_key);
  // §9.1: a CANCEL comes by the way of its INVITE. From anywhere else it matches nothing.
  if (server == nullptr || server->flow.remote.ip != flow.remote.ip)
    core_.answer_stateless(cancel, flow, 481, {}, now);
  else
    ist::on_cancel(core_, *server, std::move(cancel), flow, now);
}

}  // namespace sidetone::sip::transaction
