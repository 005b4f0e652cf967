#include "endpoint/sip_leg.h"

#include <fmt/format.h>

namespace sidetone::endpoint {

Expected<void> SipLeg::ring(Time now) { return stack_.provisional(session_, {.status = 180}, now); }

Expected<void> SipLeg::answer(std::string sdp, Time now) {
  return stack_.accept(session_, std::move(sdp), {}, now);
}

Expected<void> SipLeg::reject(int status, Time now) {
  return stack_.reject(session_, {.status = status}, now);
}

Expected<void> SipLeg::acknowledge(std::string sdp, Time now) {
  return stack_.ack(session_, std::move(sdp), now);
}

Expected<void> SipLeg::offer(std::string sdp, Time now) {
  return stack_.offer(session_, std::move(sdp), now);
}

Expected<void> SipLeg::answer_offer(std::string sdp, Time now) {
  return stack_.answer_offer(session_, std::move(sdp), now);
}

Expected<void> SipLeg::refuse_offer(int status, Time now) {
  return stack_.refuse_offer(session_, {.status = status}, now);
}

Expected<void> SipLeg::send_digit(char digit, Duration duration, Time now) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  auto sent =
      stack_.request(session_, sip::Method::info, {}, fmt::format("Signal={}\r\nDuration={}\r\n", digit, ms),
                     "application/dtmf-relay", now);
  if (!sent) return tl::make_unexpected(sent.error());
  return {};
}

Expected<void> SipLeg::end(Time now) { return stack_.end(session_, {}, now); }

}  // namespace sidetone::endpoint
