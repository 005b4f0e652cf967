#include "endpoint/sip_leg.h"

#include <fmt/format.h>

#include "sip/message/replaces.h"

namespace sidetone::endpoint {

LegDialog SipLeg::dialog() const {
  auto facts = stack_.dialog(session_);
  if (!facts) return {};
  return {std::move(facts->call_id),   std::move(facts->local_tag),  std::move(facts->remote_tag),
          std::move(facts->local_uri), std::move(facts->remote_uri), std::move(facts->remote_target)};
}

Expected<void> SipLeg::ring(Time now) { return stack_.provisional(session_, {.status = 180}, now); }

Expected<void> SipLeg::answer(std::string sdp, Time now) {
  return stack_.accept(session_, std::move(sdp), {}, now);
}

Expected<void> SipLeg::reject(int status, Time now) {
  return stack_.reject(session_, {.status = status}, now);
}

Expected<void> SipLeg::redirect(std::string target, Time now) {
  return stack_.reject(session_, {.status = 302, .headers = {{"Contact", fmt::format("<{}>", target)}}}, now);
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

// RFC 5589 §7: the tags are named as the target of the transfer has them (RFC 3891 §4).
Expected<std::uint64_t> SipLeg::transfer(const LegTransfer& to, Time now) {
  sip::ReferTo refer_to;
  refer_to.uri = to.target;
  if (to.replaces) {
    const auto& dialog = *to.replaces;
    refer_to.replaces = sip::Replaces{dialog.call_id, dialog.remote_tag, dialog.local_tag, false}.write();
  }
  sip::Refer refer;
  refer.session = session_;
  refer.refer_to = refer_to.to_uri();
  refer.referred_by = dialog().local_uri;
  const auto id = stack_.refer(std::move(refer), now);
  if (!id) return tl::make_unexpected(id.error());
  return id->value;
}

Expected<void> SipLeg::end(int cause, Time now) {
  std::vector<sip::ExtraHeader> headers;
  if (cause != 0) headers.push_back({"Reason", fmt::format("SIP;cause={}", cause)});
  return stack_.end(session_, std::move(headers), now);
}

}  // namespace sidetone::endpoint
