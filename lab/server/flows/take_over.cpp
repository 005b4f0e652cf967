// Attended transfer of phones by themselves (RFC 5589 §7): the INVITE with Replaces that a REFER has caused.
#include "labserver/flows/flows.h"
#include "labserver/flows/replacing.h"

namespace sidetone::lab {

Flow take_over(FlowRun& f) {
  Call& call = f.call();
  const sip::SessionId former = f.invite_taken()->replaces;
  const sip::SessionId newcomer = f.invite_taken()->session;
  const int status = co_await replaced(f, call, call);
  if (status != 0) {
    f.fail(tlib::ErrorCode::phone_failed, status, "the transfer has failed");
    co_return;
  }
  // The stack ends the replaced leg; its party leaves with that event.
  const std::function<bool()> has_left = [&call, former] { return call.party_of(former) == nullptr; };
  co_await f.until(has_left, answer_max);
  const std::string stays = call.parties.empty() ? std::string() : call.parties.front().dn;
  f.desk().board.add_party(call, {f.dn(), PartyState::dialing, newcomer});
  f.events().party_changed(call, stays, f.dn(), f.now());
  f.events().dials(call, f.dn(), f.now());
  f.events().established(call, f.dn(), stays, f.now());
  f.succeed();
}

}  // namespace sidetone::lab
