// SendDtmf: NOTIFY dtmf with the digits as application/dtmf-relay; the phone makes them, by whatever method
// it is configured for.
#include <fmt/format.h>

#include "labserver/flows/flows.h"
#include "labserver/steps.h"

namespace sidetone::lab {

namespace {
constexpr int digit_ms = 250;  // what dtmf-relay takes for granted
}

Flow send_dtmf(FlowRun& f) {
  f.attend(f.call());
  std::string body;
  for (const char digit : f.request().digits)
    body += fmt::format("Signal={}\r\nDuration={}\r\n", digit, digit_ms);
  const auto asked = f.notify(f.call().party(f.dn())->leg, "dtmf", body, "application/dtmf-relay");
  const std::function<bool()> is_over = [&f, asked] {
    return !asked || f.status_of(asked) != 0 || !f.find_call();
  };
  const Woken woken = co_await f.until(is_over, answer_max);
  const int status = woken == Woken::ready ? f.status_of(asked) : 408;
  Call* call = f.find_call();
  if (call && status >= 200 && status < 300 && call->party(f.dn())) {
    f.events().dtmf_sent(*call, f.request(), f.now());
    f.succeed();
  } else if (!call || !call->party(f.dn())) {
    f.fail(tlib::ErrorCode::wrong_state, 0, "the call was over before the digits were sent");
  } else {
    f.fail(tlib::ErrorCode::phone_failed, status, fmt::format("the phone of {} sent no digits", f.dn()));
  }
}

}  // namespace sidetone::lab
