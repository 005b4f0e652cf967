// A Leg that is an INVITE session of the SIP core.
#pragma once

#include <string>

#include "endpoint/leg.h"
#include "sip/stack.h"

namespace sidetone::endpoint {

class SipLeg final : public Leg {
 public:
  SipLeg(sip::Stack& stack, sip::SessionId session) : stack_(stack), session_(session) {}

  [[nodiscard]] LegDialog dialog() const override;
  Expected<void> ring(Time now) override;
  Expected<void> answer(std::string sdp, Time now) override;
  Expected<void> reject(int status, Time now) override;
  Expected<void> redirect(std::string target, Time now) override;
  Expected<void> acknowledge(std::string sdp, Time now) override;
  Expected<void> offer(std::string sdp, Time now) override;
  Expected<void> answer_offer(std::string sdp, Time now) override;
  Expected<void> refuse_offer(int status, Time now) override;
  Expected<void> send_digit(char digit, Duration duration, Time now) override;
  Expected<std::uint64_t> transfer(const LegTransfer& to, Time now) override;
  Expected<void> end(int cause, Time now) override;

 private:
  sip::Stack& stack_;
  sip::SessionId session_;
};

}  // namespace sidetone::endpoint
