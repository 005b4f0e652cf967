// One SIP stack as the benchmark sees it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sidetone::bench {

// Each work is done once per call; the driver repeats and times it. A false answer is a failure of the peer
// on our message and ends the run: nothing may look fast by refusing.
struct Side {
  std::string_view name;
  bool (*parse)(std::string_view bytes) = nullptr;      // all standard headers as typed values
  bool (*parse_sdp)(std::string_view bytes) = nullptr;  // and the session description; may be absent
  bool (*write)() = nullptr;                            // what prepare() got, from its values; may be absent
  bool (*prepare)(std::string_view bytes) = nullptr;
};

[[nodiscard]] Side sidetone_side();
#if defined(BENCH_SOFIA)
[[nodiscard]] Side sofia_side();
#endif
#if defined(BENCH_OSIP)
[[nodiscard]] Side osip_side();
#endif
#if defined(BENCH_LIBRE)
[[nodiscard]] Side libre_side();
#endif
#if defined(BENCH_BELLE)
[[nodiscard]] Side belle_side();
#endif

// A call as a contact centre's proxy delivers it: 1.25 kB with its session description.
[[nodiscard]] const std::string& sample_invite();

}  // namespace sidetone::bench
