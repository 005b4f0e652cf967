// A leg that notes what call control asked of it and can be told to refuse.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "endpoint/leg.h"

namespace sidetone::endpoint {

struct LegLog {
  std::vector<std::string> asked;  // "ring", "answer", "offer" ...
  std::string last_sdp;
  bool refuse_offer_command = false;  // the SIP core says: not now
};

class ScriptedLeg final : public Leg {
 public:
  explicit ScriptedLeg(LegLog& log) : log_(log) {}
  Expected<void> ring(Time) override { return note("ring"); }
  Expected<void> answer(std::string sdp, Time) override { return note("answer", std::move(sdp)); }
  Expected<void> reject(int status, Time) override { return note(fmt::format("reject {}", status)); }
  Expected<void> redirect(std::string target, Time) override { return note("redirect " + target); }
  Expected<std::uint64_t> transfer(const LegTransfer& to, Time) override {
    static_cast<void>(note("transfer " + to.target));
    return std::uint64_t{1};
  }
  Expected<void> acknowledge(std::string sdp, Time) override { return note("acknowledge", std::move(sdp)); }
  Expected<void> offer(std::string sdp, Time) override {
    if (log_.refuse_offer_command) return fail(Layer::sip, Fault::state, "a re-INVITE is running");
    return note("offer", std::move(sdp));
  }
  Expected<void> answer_offer(std::string sdp, Time) override { return note("answer_offer", std::move(sdp)); }
  Expected<void> refuse_offer(int status, Time) override {
    return note(fmt::format("refuse_offer {}", status));
  }
  Expected<void> send_digit(char digit, Duration, Time) override {
    return note(fmt::format("digit {}", digit));
  }
  [[nodiscard]] LegDialog dialog() const override {
    return {"call@host", "ours", "theirs", "sip:7001@server", "sip:7002@server", "sip:7002@there"};
  }
  Expected<void> end(int cause, Time) override {
    return note(cause == 0 ? "end" : "end " + std::to_string(cause));
  }

 private:
  Expected<void> note(std::string what, std::string sdp = {}) {
    log_.asked.push_back(std::move(what));
    if (!sdp.empty()) log_.last_sdp = std::move(sdp);
    return {};
  }
  LegLog& log_;
};

}  // namespace sidetone::endpoint
