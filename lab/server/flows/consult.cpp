// InitiateTransfer and InitiateConference: hold the main call, then call the destination. With
// dual-dialog-enabled the agent's phone gets a second dialog; without it the only one is borrowed: it hears
// ring-back and then the destination, and the main call has no leg of the agent meanwhile.
#include "labserver/flows/flows.h"
#include "labserver/flows/holding.h"
#include "labserver/flows/set_up.h"
#include "labserver/silence.h"

namespace sidetone::lab {

namespace {

// Back to how it was before: the failed consult call must not keep the agent's only dialog.
Step<bool> give_back(FlowRun& f, Call& consult_call, sip::SessionId leg) {
  Call* main = f.find_call();
  Party* party = main ? main->party(f.dn()) : nullptr;
  if (!f.alive(leg) || !party) co_return false;
  f.desk().board.move_leg(*f.leg(leg), *main);
  f.leg(leg)->lender = {};
  party->leg = leg;
  if (Party* borrowed = consult_call.party(f.dn())) {
    borrowed->leg = {};
    f.events().leaves(consult_call, *borrowed, false, f.now());
  }
  const Reply quiet = co_await offered(f, leg, silenced(f.leg(leg)->told.last()));
  f.part(leg);
  co_return quiet.agreed();
}

Flow consult_borrowing(FlowRun& f) {
  Call& main = f.call();
  const std::string to = f.request().destination;
  const int status = co_await settled(f, main) ? co_await put_on_hold(f, main, f.dn(), true) : 481;
  if (status != 0) {
    phone_refused(f, status);
    co_return;
  }
  const sip::SessionId leg = main.party(f.dn())->leg;
  Call& call = begin_call(f, f.dn(), to, tlib::CallType::consult);
  call.previous_conn_id = main.conn_id;
  f.desk().board.move_leg(*f.leg(leg), call);
  f.leg(leg)->lender = main.key;
  main.party(f.dn())->leg = {};
  call.party(f.dn())->leg = leg;
  f.part(leg);
  for (const auto session : main.legs) f.unwatch(session);
  f.let_go(main);  // it may end while the consult call rings
  f.events().dials(call, f.dn(), f.now());
  f.watch(leg);
  const bool has_tone = f.desk().board.route(f.settings().treatments.ringback) != nullptr &&
                        f.options(f.dn()).ring_tone_on_make_call;
  if (!has_tone) {
    const Reply quiet = co_await offered(f, leg, silenced(f.leg(leg)->told.last()));
    if (!quiet.agreed()) {
      co_await give_back(f, call, leg);
      phone_refused(f, quiet.status);
      co_return;
    }
  }
  if (co_await called(f, call, leg, to))
    f.succeed();
  else
    co_await give_back(f, call, leg);
}

Flow consult_in_second_dialog(FlowRun& f) {
  Call& main = f.call();
  const int status = co_await settled(f, main) ? co_await put_on_hold(f, main, f.dn()) : 481;
  if (status != 0) {
    phone_refused(f, status);
    co_return;
  }
  const std::string conn_id = main.conn_id;
  for (const auto session : main.legs) f.unwatch(session);
  f.let_go(main);  // it may end while the consult call rings
  Call& call = begin_call(f, f.dn(), f.request().destination, tlib::CallType::consult);
  call.previous_conn_id = conn_id;
  const auto caller = co_await caller_waits(f, call);
  if (!caller) co_return;
  if (co_await called(f, call, caller, f.request().destination)) f.succeed();
}

}  // namespace

Flow consult(FlowRun& f) {
  if (!f.options(f.dn()).dual_dialog_enabled) return consult_borrowing(f);
  return consult_in_second_dialog(f);
}

}  // namespace sidetone::lab
