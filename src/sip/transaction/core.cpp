#include "sip/transaction/core.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "base/shrink.h"
#include "sip/transaction/match.h"

namespace sidetone::sip::transaction {

Core::Core(TransportSettings transport_settings, TimerSettings timer_settings, Random& random_source,
           LogSink& log_sink)
    : transport(transport_settings, random_source, log_sink),
      timers(timer_settings),
      random(random_source),
      log(log_sink),
      tag_salt(random_source.next()) {}

Client& Core::add_client(Method method, std::string_view branch, Time now) {
  auto made = std::make_unique<Client>();
  made->id = client_ids.next();
  made->key = client_key(branch, method);
  made->method = method;
  made->started = now;
  Client& transaction = *made;
  clients_by_key.emplace(transaction.key, &transaction);
  clients.emplace(transaction.id, std::move(made));
  return transaction;
}

Server& Core::add_server(std::string key, const Message& request, const Flow& flow) {
  auto made = std::make_unique<Server>();
  made->id = server_ids.next();
  made->key = std::move(key);
  made->flow = TransportLayer::response_flow(request, flow);
  made->request = std::make_unique<Message>(request);
  made->is_invite = request.method() == Method::invite;
  Server& transaction = *made;
  servers_by_key.emplace(transaction.key, &transaction);
  servers.emplace(transaction.id, std::move(made));
  return transaction;
}

Client* Core::client(ClientTransactionId id) const {
  const auto found = clients.find(id);
  return found == clients.end() ? nullptr : found->second.get();
}

Server* Core::server(ServerTransactionId id) const {
  const auto found = servers.find(id);
  return found == servers.end() ? nullptr : found->second.get();
}

Client* Core::find_client(std::string_view key) const {
  const auto found = clients_by_key.find(key);
  return found == clients_by_key.end() ? nullptr : found->second;
}

Server* Core::find_server(std::string_view key) const {
  const auto found = servers_by_key.find(key);
  return found == servers_by_key.end() ? nullptr : found->second;
}

void Core::finish(Client& transaction) {
  if (!transaction.sent) transport.withdraw(transaction.id.value);
  if (transaction.abandoned) events.emplace_back(AbandonedEnded{transaction.id});
  stop_timers(transaction);
  clients_by_key.erase(transaction.key);
  clients.erase(transaction.id);
  shrink_if_sparse(clients_by_key);
  shrink_if_sparse(clients);
}

void Core::finish(Server& transaction) {
  stop_timers(transaction);
  servers_by_key.erase(transaction.key);
  servers.erase(transaction.id);
  shrink_if_sparse(servers_by_key);
  shrink_if_sparse(servers);
}

namespace {
template <typename Transaction>
void arm_in(TimerHeap& heap, Transaction& transaction, TimerKind kind, Time when) {
  TimerHandle& handle = is_repeated(kind) ? transaction.repeat : transaction.end;
  heap.cancel(handle);
  handle = heap.arm(when, transaction.id.value, kind);
}
}  // namespace

void Core::arm(Client& transaction, TimerKind kind, Duration after, Time now) {
  ST_ASSERT(belongs_to_client(kind));
  arm_in(heap, transaction, kind, now + after);
}

void Core::arm(Server& transaction, TimerKind kind, Duration after, Time now) {
  ST_ASSERT(!belongs_to_client(kind));
  arm_in(heap, transaction, kind, now + after);
}

void Core::stop_timers(Client& transaction) {
  heap.cancel(transaction.repeat);
  heap.cancel(transaction.end);
}

void Core::stop_timers(Server& transaction) {
  heap.cancel(transaction.repeat);
  heap.cancel(transaction.end);
}

void Core::retransmit(const Flow& flow, const Bytes& bytes, Time now) {
  if (!bytes) return;
  ++counters.retransmissions_sent;
  transport.resend(flow, bytes, now);
}

void Core::failed(const Client& transaction, ClientFailed::Why why, std::string text) {
  if (!transaction.own_cancel) events.emplace_back(ClientFailed{transaction.id, why, std::move(text)});
}

// RFC 3261 §8.2.7: a stateless server gives the same request the same To tag again.
std::string Core::stateless_tag(const Message& request) const {
  std::uint64_t hash = 0xcbf29ce484222325u ^ tag_salt;
  for (const auto id : {HeaderId::via, HeaderId::from, HeaderId::call_id, HeaderId::cseq})
    for (const char c : request.value(id)) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return fmt::format("{:016x}", hash);
}

void Core::answer_stateless(const Message& request, const Flow& flow, int status, std::string_view reason,
                            Time now) {
  Message response = Message::response(request, status, reason, stateless_tag(request));
  // A server that is full knows no better than "not at once" (§21.5.4); 10 s let the lingering third of its
  // transactions end.
  if (status == 503) response.set(HeaderId::retry_after, "10");
  transport.send_response(response, flow, now);
}

}  // namespace sidetone::sip::transaction
