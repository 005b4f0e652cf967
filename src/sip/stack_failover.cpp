// Requests to names: the targets of RFC 3263 §4 are tried one after the other until one answers (§4.3, RFC
// 3261 §8.1.3.1 and §16.7), and a line stays with the server that did.
#include <fmt/format.h>

#include "sip/message/headers.h"
#include "sip/registration/registration.h"
#include "sip/stack_core.h"

namespace sidetone::sip {
namespace {

bool is_name(const NextHop& hop) { return !hop.host.empty() && !IpAddress::parse(hop.host); }

// RFC 3263 §4.3: a timeout, a transport error (both are made up, without a message) or a 503.
bool asks_for_another_server(const Outcome& outcome) { return !outcome.message || outcome.status == 503; }

NextHop way_to(const NextHop& hop, const Target& target) {
  NextHop way = hop;
  way.transport = target.transport;
  way.host = target.address.ip.to_string();
  way.port = target.address.port;
  way.any_transport = false;
  if (way.tls_name.empty()) way.tls_name = target.tls_name;
  return way;
}

bool is_same_server(const Target& a, const Target& b) {
  return a.transport == b.transport && a.address == b.address;
}

}  // namespace

void StackCore::start(const OutgoingPtr& outgoing, Time now) {
  if (outgoing->hop.flow || !is_name(outgoing->hop)) return transmit(outgoing, now);
  auto& transport = transactions.transport();
  const auto known = transport.locator().locate(
      transport.destination_of(outgoing->hop), now,
      [this, outgoing](const Located& located, Time) { located_requests.emplace_back(outgoing, located); });
  if (known) take_targets(outgoing, *known, now);
}

void StackCore::take_targets(const OutgoingPtr& outgoing, const Located& located, Time now) {
  if (outgoing->cancelled) return;  // its owner has been told
  if (located.targets.empty())
    return settle_later(
        *outgoing, {503,
                    nullptr,
                    {},
                    fmt::format("The name {} could not be resolved: {}", outgoing->hop.host, located.error)});
  const auto& account = outgoing->account;
  if (account && is_server_name(*account, outgoing->hop.host)) learn_servers(*account, located.targets, now);
  outgoing->targets =
      unavailable.in_order(located.targets, account ? account->current_server : std::nullopt, now);
  outgoing->target = 0;
  transmit(outgoing, now);
}

void StackCore::transmit(const OutgoingPtr& outgoing, Time now) {
  const bool is_located = outgoing->target < outgoing->targets.size();
  const auto way = is_located ? way_to(outgoing->hop, outgoing->targets[outgoing->target]) : outgoing->hop;
  outgoing->heard = false;
  outgoing->transaction = transactions.send(outgoing->request, way, now);
  clients.emplace(outgoing->transaction, outgoing);
}

// §4.3: the same request with a new branch, which makes it a new transaction.
bool StackCore::try_next(const OutgoingPtr& outgoing, const Outcome& outcome, Time now) {
  if (!asks_for_another_server(outcome) || outgoing->cancelled || outgoing->heard) return false;
  if (now >= outgoing->give_up) return false;  // bound: as long as one transaction may take (64*T1)
  if (outgoing->hop.flow && is_name(outgoing->hop)) {
    // The flow of the dialog is dead (RFC 5626 §4.3); the name may lead to a server that is not.
    outgoing->hop.flow.reset();
    outgoing->transaction = {};
    start(outgoing, now);
    return true;
  }
  if (outgoing->target + 1 >= outgoing->targets.size()) return false;
  const auto& failed = outgoing->targets[outgoing->target++];
  const auto& next = outgoing->targets[outgoing->target];
  note(LogLevel::warning, LogTag::sip, now, outgoing->account ? outgoing->account->id.value : 0, 0,
       fmt::format("{} to {}: {}; now {} is tried", outgoing->request.method_name(),
                   failed.address.to_string(), outcome.text, next.address.to_string()));
  transmit(outgoing, now);
  return true;
}

void StackCore::note_server(const OutgoingPtr& outgoing, const Outcome& outcome, Time now) {
  if (outgoing->target >= outgoing->targets.size()) return;
  const Target target = outgoing->targets[outgoing->target];
  const auto& account = outgoing->account;
  const bool is_register = outgoing->request.method() == Method::register_;
  if (!asks_for_another_server(outcome)) {
    unavailable.answered(target);
    const bool moves = is_register && outcome.is_success();
    if (account && (!account->current_server || moves)) account->current_server = target;
    return;
  }
  if (outgoing->cancelled) return;  // nobody waited long enough to judge
  if (!outcome.message) {
    unavailable.failed(target, now);
  } else if (const auto value = outcome.message->value(HeaderId::retry_after); !value.empty()) {
    if (const auto rest = parse_delta(value, "Retry-After"))
      unavailable.asked_for_rest(target, std::chrono::seconds(*rest), now);
  }
  if (!account || !account->current_server || !is_same_server(*account->current_server, target)) return;
  account->current_server.reset();
  // The line's calls come by the server where it is registered: it moves at once, not at the next refresh.
  const auto registration = registrations.find(account->id);
  if (!is_register && registration != registrations.end()) registration->second->server_lost(now);
}

NextHop StackCore::way_now(NextHop hop, const AccountState* account, Time now) {
  if (hop.flow || !is_name(hop)) return hop;
  auto& transport = transactions.transport();
  const auto known =
      transport.locator().locate(transport.destination_of(hop), now, [](const Located&, Time) {});
  if (account && account->current_server) hop.preferred = account->current_server->address;
  if (!known || known->targets.empty()) return hop;
  const auto targets =
      unavailable.in_order(known->targets, account ? account->current_server : std::nullopt, now);
  return way_to(hop, targets.front());
}

void StackCore::settle_later(Outgoing& outgoing, Outcome outcome) {
  settled_requests.emplace_back(outgoing.shared_from_this(), std::move(outcome));
}

bool StackCore::run_located(Time now) {
  bool any = false;
  while (!located_requests.empty() || !settled_requests.empty()) {
    any = true;
    if (!located_requests.empty()) {
      const auto [outgoing, located] = std::move(located_requests.front());
      located_requests.pop_front();
      take_targets(outgoing, located, now);
    } else {
      const auto [outgoing, outcome] = std::move(settled_requests.front());
      settled_requests.pop_front();
      outgoing->handler(outcome, now);
    }
  }
  return any;
}

}  // namespace sidetone::sip
