#include "sip/transaction/transaction_layer.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "sip/transaction/ack_handle.h"
#include "sip/transaction/core.h"
#include "sip/transaction/dispatch.h"
#include "sip/transaction/match.h"

namespace sidetone::sip {

using transaction::Client;
using transaction::Core;
using transaction::Server;

struct TransactionLayer::Impl {
  Impl(TransportSettings transport, TimerSettings timers, Random& random, LogSink& log)
      : core(transport, timers, random, log), dispatch(core) {}
  Core core;
  transaction::Dispatch dispatch;
};

TransactionLayer::TransactionLayer(TransportSettings transport, TimerSettings timers, Random& random,
                                   LogSink& log)
    : impl_(std::make_unique<Impl>(transport, timers, random, log)) {}
TransactionLayer::~TransactionLayer() = default;

TransportLayer& TransactionLayer::transport() { return impl_->core.transport; }

void TransactionLayer::set_gate(RequestGate* gate) {
  impl_->core.gate = gate;
  impl_->core.transport.set_gate(gate);
}

void TransactionLayer::pump(Time now) { impl_->dispatch.pump(now); }

void TransactionLayer::on_time(Time now) {
  impl_->core.transport.on_time(now);
  impl_->dispatch.pump(now);
  impl_->dispatch.fire_timers(now);
  impl_->dispatch.pump(now);
}

std::optional<Deadline> TransactionLayer::deadline() const {
  return earlier(impl_->core.heap.next(), impl_->core.transport.deadline());
}

ClientTransactionId TransactionLayer::send(Message request, NextHop next_hop, Time now) {
  ST_ASSERT(request.is_request() && request.method() != Method::ack && request.method() != Method::cancel);
  Core& core = impl_->core;
  // 16 characters hold 82 bits: unique over all time (RFC 3261 §8.1.1.7) and not to be guessed.
  const std::string branch = std::string(transaction::magic_cookie) + core.random.token(16);
  Client& client = core.add_client(request.method(), branch, now);
  const ClientTransactionId id = client.id;
  if (request.method() == Method::invite)
    transaction::ict::start(core, client, now);
  else
    transaction::nict::start(core, client, now);
  core.transport.send_request(std::move(request), branch, std::move(next_hop), id.value, now);
  impl_->dispatch.pump(now);
  return id;
}

bool TransactionLayer::cancel(ClientTransactionId invite, Time now, std::string reason) {
  Client* client = impl_->core.client(invite);
  if (client == nullptr || client->method != Method::invite) return false;
  return transaction::ict::cancel(impl_->core, *client, std::move(reason), now);
}

std::shared_ptr<TransactionLayer::AckHandle> TransactionLayer::send_ack(Message ack, NextHop next_hop,
                                                                        Time now) {
  Core& core = impl_->core;
  auto handle = std::make_shared<AckHandle>();
  const std::uint64_t token = core.client_ids.next().value;
  impl_->dispatch.expect_ack(token, handle);
  const std::string branch = std::string(transaction::magic_cookie) + core.random.token(16);
  core.transport.send_request(std::move(ack), branch, std::move(next_hop), token, now);
  impl_->dispatch.pump(now);
  return handle;
}

void TransactionLayer::resend_ack(const AckHandle& handle, Time now) {
  impl_->core.retransmit(handle.flow, handle.bytes, now);
}

bool TransactionLayer::respond(ServerTransactionId id, Message response, Time now) {
  Server* server = impl_->core.server(id);
  if (server == nullptr) return false;
  return server->is_invite ? transaction::ist::respond(impl_->core, *server, response, now)
                           : transaction::nist::respond(impl_->core, *server, response, now);
}

bool TransactionLayer::resend_2xx(ServerTransactionId id, Time now) {
  Server* server = impl_->core.server(id);
  return server != nullptr && server->is_invite && transaction::ist::resend_2xx(impl_->core, *server, now);
}

void TransactionLayer::settle(ServerTransactionId id) {
  Server* server = impl_->core.server(id);
  if (server != nullptr && server->state == transaction::State::accepted) server->bytes.reset();
}

const Message* TransactionLayer::request_of(ServerTransactionId id) const {
  const Server* server = impl_->core.server(id);
  return server == nullptr ? nullptr : server->request.get();
}

bool TransactionLayer::awaits(std::string_view branch) const {
  const auto& core = impl_->core;
  return core.find_client(branch) != nullptr ||
         core.find_client(transaction::client_key(branch, Method::cancel)) != nullptr;
}

std::optional<TransactionEvent> TransactionLayer::poll_event() {
  auto& events = impl_->core.events;
  if (events.empty()) return std::nullopt;
  std::optional<TransactionEvent> event(std::move(events.front()));
  events.pop_front();
  return event;
}

TransactionLayer::Counters TransactionLayer::counters() const {
  Counters counters = impl_->core.counters;
  counters.clients = impl_->core.clients.size();
  counters.servers = impl_->core.servers.size();
  counters.timers = impl_->core.heap.size();
  return counters;
}

std::vector<std::pair<std::string_view, std::uint64_t>> TransactionLayer::transitions() const {
  std::vector<std::pair<std::string_view, std::uint64_t>> taken;
  for (std::size_t i = 0; i < transaction::transition_count; ++i)
    if (impl_->core.transitions[i] != 0)
      taken.emplace_back(transaction::transition_names[i], impl_->core.transitions[i]);
  return taken;
}

std::span<const std::string_view> TransactionLayer::known_transitions() {
  return transaction::transition_names;
}

}  // namespace sidetone::sip
