// The timers of RFC 3261 table 4 and RFC 6026, with the names under which they ask to be woken.
#pragma once

#include <cstdint>
#include <string_view>

namespace sidetone::sip::transaction {

enum class TimerKind : std::uint8_t {
  a,       // INVITE request, retransmit
  b,       // INVITE transaction, no answer
  d,       // wait for retransmissions of a final response
  e,       // other request, retransmit
  f,       // other transaction, no answer
  k,       // wait for retransmissions of a final response
  m,       // wait for further 2xx (RFC 6026 §7.2)
  late,    // the answer to an INVITE that was given up
  cancel,  // no final response after CANCEL (§9.1)
  g,       // final response to INVITE, retransmit
  h,       // no ACK
  i,       // wait for retransmissions of ACK
  j,       // wait for retransmissions of the request
  l,       // absorb INVITE retransmissions after a 2xx (RFC 6026 §7.1)
  trying,  // 100 when the user is silent for 200 ms (§17.2.1)
};

[[nodiscard]] std::string_view timer_name(TimerKind kind);
[[nodiscard]] constexpr bool belongs_to_client(TimerKind kind) { return kind <= TimerKind::cancel; }
// The repeated ones; all others end a transaction or a wait.
[[nodiscard]] constexpr bool is_repeated(TimerKind kind) {
  return kind == TimerKind::a || kind == TimerKind::e || kind == TimerKind::g || kind == TimerKind::trying;
}

}  // namespace sidetone::sip::transaction
