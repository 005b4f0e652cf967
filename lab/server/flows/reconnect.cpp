// ReconnectCall: the consult call is released, the held main call retrieved. A borrowed dialog goes back to
// the main call.
#include "labserver/flows/flows.h"
#include "labserver/flows/holding.h"

namespace sidetone::lab {

Flow reconnect(FlowRun& f) {
  const CallKey consult_key = f.other_call().key;
  if (f.other_call().flow) {  // it still rings: what made it has been stopped
    f.attend(f.other_call());
    const std::function<bool()> is_free = [&f, consult_key] {
      const Call* consulted = f.desk().board.call(consult_key);
      return !consulted || !consulted->flow;
    };
    co_await f.until(is_free, answer_max);
  }
  Call* main = f.find_call();
  if (!main || main->flow || !main->party(f.dn())) {
    f.fail(tlib::ErrorCode::wrong_state, 0, "the main call is over");
    co_return;
  }
  f.hold_call(*main);
  if (Call* consulted = f.desk().board.call(consult_key); consulted && !consulted->flow) {
    f.hold_call(*consulted);
    f.hold_legs(*consulted);
    return_leg(f, *consulted, *main);
    f.drop(*consulted, f.dn());
    while (!consulted->parties.empty()) f.drop(*consulted, std::string(consulted->parties.front().dn));
    for (const auto session : std::vector(consulted->legs)) f.end(session);
  }
  const int status = co_await settled(f, *main) ? co_await take_back(f, *main, f.dn()) : 481;
  if (status == 0) resume_phone(f, (*main).party(f.dn())->leg);
  if (status == 0)
    f.succeed();
  else
    phone_refused(f, status);
}

}  // namespace sidetone::lab
