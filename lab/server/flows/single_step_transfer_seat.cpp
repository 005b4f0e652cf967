// SingleStepTransfer of one party of a conference: the destination rings, the party that transfers is
// released as soon as it does, and the destination takes its place at the mixer when it answers. The others
// stay, whatever the destination does.
#include <fmt/format.h>

#include "labserver/flows/flows.h"
#include "labserver/flows/holding.h"
#include "labserver/flows/set_up.h"

namespace sidetone::lab {

namespace {

// It answers, and hears the conference; otherwise why not.
Step<int> seated(FlowRun& f, sip::SessionId callee, sip::SessionId seat) {
  const Woken woken = co_await f.reply(callee, f.settings().ring_max);
  const Reply taken = f.take_reply(callee);
  if (woken != Woken::ready) co_return woken == Woken::timeout ? 408 : 487;
  if (!taken.needs_ack) co_return taken.agreed() ? 488 : taken.status;
  const Reply answer = co_await connected(f, callee, taken.sdp, seat);
  co_return answer.agreed() ? 0 : answer.status;
}

}  // namespace

Flow single_step_transfer_seat(FlowRun& f) {
  Call& call = f.call();
  const std::string to = f.request().destination;
  const sip::SessionId seat = co_await settled(f, call) ? seat_of(f, call, f.dn()) : sip::SessionId{};
  if (!seat) {
    phone_refused(f, 481);
    co_return;
  }
  for (const auto& party : call.parties) f.unwatch(party.leg);  // who else leaves does not matter
  const Rung callee = co_await rung(f, call, f.dn(), to);
  if (callee.status != 0 || !f.alive(seat) || !call.party(f.dn())) {  // nothing has changed yet
    f.end(callee.leg);
    if (callee.status == 0 || callee.status == 487)
      phone_refused(f, 481);
    else
      f.fail(tlib::ErrorCode::destination_failed, callee.status, fmt::format("{} did not take the call", to));
    co_return;
  }

  f.drop(call, f.dn());
  f.desk().board.add_party(call, {to, PartyState::alerting, callee.leg});
  f.events().rings(call, to, f.now());
  const int status = co_await seated(f, callee.leg, seat);
  if (status != 0) {
    f.fail(tlib::ErrorCode::destination_failed, status,
           fmt::format("{} did not take the place in the conference, which is free now", to));
    f.drop(call, to);
    f.end(callee.leg);
    f.end(seat);
    co_return;
  }
  f.events().established(call, to, std::string(), f.now());
  for (std::size_t i = 0; i < call.parties.size(); ++i)
    if (call.parties[i].dn != to) f.events().party_added(call, std::string(call.parties[i].dn), to, f.now());
  f.ack(seat, {});
  f.succeed();
}

}  // namespace sidetone::lab
