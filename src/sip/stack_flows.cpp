// What the lines' flows tell: where the registrar saw us, that one was lost, that the network has changed.
// Each of them ends in a registration that is refreshed, soon but not at once with all others.
#include <algorithm>

#include "base/text.h"
#include "sip/message/headers.h"
#include "sip/registration/registration.h"
#include "sip/stack_core.h"
#include "sip/transport/seen_address.h"

namespace sidetone::sip {
namespace {

// Bounds on what a server may ask of us: not a packet each second, and not so rarely that it helps nobody.
constexpr std::chrono::seconds flow_timer_min{10}, flow_timer_max{3600};

// What the peer has promised: RFC 5626 §4.4 (Flow-Timer; the option tag outbound in Require), RFC 6223 §4.1
// (the Via parameter keep comes back with a number of seconds, 0 for no opinion).
struct Terms {
  Duration interval_max{0};  // 0: the default
  bool expects_pong = false;
};

Terms terms_of(const Message& response, const Via& via) {
  Terms terms;
  for (const auto option : response.values(HeaderId::require))
    if (iequals(option, "outbound")) terms.expects_pong = true;
  auto seconds = parse_number<std::uint32_t>(via.params.get("keep"));
  if (seconds) terms.expects_pong = true;
  if (const auto timer = parse_number<std::uint32_t>(trim(response.value(HeaderId::flow_timer))))
    seconds = timer;
  if (seconds && *seconds > 0)
    terms.interval_max = std::clamp(std::chrono::seconds(*seconds), flow_timer_min, flow_timer_max);
  return terms;
}

}  // namespace

bool StackCore::take_flow_facts(AccountState& account, const Outcome& outcome, bool corrects, Time now) {
  const auto via = Via::parse(outcome.message->value(HeaderId::via));
  if (!via) return false;
  const auto seen = seen_address(*via, outcome.flow, own_addresses);
  const bool translated = seen && seen->as == SeenAs::translated;
  keep_flow(account, outcome, *via, translated, now);
  if (!seen || seen->as == SeenAs::itself) {
    account.seen_at.reset();
    return false;
  }
  if (!corrects) emit(AddressSeen{account.id, seen->address, seen->as});
  // The move to another own address is the driver's: it has the sockets (Stack::move_account).
  if (!translated || !account.account.contact_as_seen || account.seen_at == seen->address) return false;
  account.seen_at = seen->address;
  return !corrects;
}

void StackCore::keep_flow(AccountState& account, const Outcome& outcome, const Via& via, bool translated,
                          Time now) {
  const auto terms = terms_of(*outcome.message, via);
  const auto udp = settings.transport.udp_keep_alive;
  const bool wanted = outcome.flow.transport != Transport::udp || udp == UdpKeepAlive::always ||
                      (udp == UdpKeepAlive::behind_nat && (translated || terms.expects_pong));
  if (account.kept && (!wanted || !(*account.kept == outcome.flow))) release_flow(account);
  if (!wanted) return;
  account.kept = outcome.flow;
  flow_users[FlowKey(outcome.flow)].insert(account.id);
  transactions.transport().keep_alive(outcome.flow, terms.interval_max, terms.expects_pong, now);
}

void StackCore::release_flow(AccountState& account) {
  if (!account.kept) return;
  const auto users = flow_users.find(FlowKey(*account.kept));
  if (users != flow_users.end()) {
    users->second.erase(account.id);
    if (users->second.empty()) {
      transactions.transport().forget_keep_alive(*account.kept);
      flow_users.erase(users);
    }
  }
  account.kept.reset();
}

void StackCore::on_flow_lost(const FlowLost& lost, Time now) {
  const auto users = flow_users.extract(FlowKey(lost.flow));
  if (users.empty()) return;
  for (const auto id : users.mapped()) {
    const auto account = accounts.find(id);
    if (account == accounts.end()) continue;
    account->second->kept.reset();
    note(LogLevel::warning, LogTag::reg, now, id.value, 0, "the flow to the registrar is lost: " + lost.why);
    if (const auto line = registrations.find(id); line != registrations.end())
      line->second->refresh_soon(now);
  }
}

void StackCore::on_network_change(std::vector<IpAddress> addresses, Time now) {
  transactions.transport().locator().flush(now);  // another network may answer names with other servers
  transactions.transport().addresses_changed(addresses, now);
  own_addresses = std::move(addresses);
  for (const auto& [id, line] : registrations) line->refresh_soon(now);
}

void StackCore::on_resume(Duration slept, Time now) {
  transactions.transport().locator().flush(now);  // TTLs ran on in the sleep, our clock did not
  if (slept >= flow_believed_max) transactions.transport().drop_connections("the machine slept", now);
  for (const auto& [id, line] : registrations) line->refresh_soon(now);
}

}  // namespace sidetone::sip
