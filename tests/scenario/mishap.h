// One thing that goes wrong on the wire: what befalls the n-th message of a scenario.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

#include "base/time.h"

namespace sidetone::test {

struct Treatment {
  std::size_t copies = 1;  // 0: lost
  Duration delay = std::chrono::milliseconds(1);
};

struct Mishap {
  enum class Kind {
    none,
    send_fails,  // the sender's socket reports it; on a stream the connection breaks
    lost,
    twice,
    late,       // behind its own first retransmission (T1 is 500 ms)
    very_late,  // behind the end of its transaction (64*T1 is 32 s)
  };
  Kind kind = Kind::none;
  std::size_t nth = 0;

  [[nodiscard]] bool hits(std::size_t number) const { return kind != Kind::none && number == nth; }
  // TCP loses, doubles and overtakes nothing.
  [[nodiscard]] bool breaks_streams() const { return kind == Kind::send_fails || kind == Kind::lost; }
  void change(Treatment& treatment) const {
    using std::chrono::milliseconds;
    switch (kind) {
      case Kind::none: break;
      case Kind::send_fails:
      case Kind::lost: treatment.copies = 0; break;
      case Kind::twice: treatment.copies *= 2; break;
      case Kind::late: treatment.delay += milliseconds(700); break;
      case Kind::very_late: treatment.delay += milliseconds(40000); break;
    }
  }
};

inline constexpr std::array mishap_kinds{Mishap::Kind::send_fails, Mishap::Kind::lost, Mishap::Kind::twice,
                                         Mishap::Kind::late, Mishap::Kind::very_late};

[[nodiscard]] constexpr std::string_view to_string(Mishap::Kind kind) {
  constexpr std::array<std::string_view, 6> names{"none",  "fails to leave", "lost",
                                                  "twice", "late",           "very late"};
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace sidetone::test
