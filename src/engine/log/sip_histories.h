// The SIP messages of a call on one line, for the block at its end: ">INVITE+SDP <100 <180 <200+SDP >ACK <BYE
// >200".
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

#include "base/log.h"

namespace sidetone::engine {

class SipHistories {
 public:
  void add(std::uint64_t call, const SipRecord& record);
  // Forgets it. Empty: there is none.
  [[nodiscard]] std::string take(std::uint64_t call);

 private:
  // A call that is set up, held, transferred and ended has some forty; of one that goes on for days the first
  // ones are told.
  static constexpr unsigned messages_max = 100;
  // Calls whose end is never told do not pile up.
  static constexpr std::size_t calls_max = 1024;

  struct History {
    std::string text;
    unsigned messages = 0;
  };
  std::unordered_map<std::uint64_t, History> histories_;
  std::deque<std::uint64_t> in_order_;
};

// "INVITE+SDP", "200+SDP", "BYE"; "?" for what is no SIP message. Letters, digits and '-' only.
[[nodiscard]] std::string sip_message_in_brief(std::string_view message);

}  // namespace sidetone::engine
