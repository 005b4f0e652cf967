#include "media/flood_watch.h"

namespace sidetone::media {
namespace {

using namespace std::chrono_literals;

constexpr Duration window = 50ms;
// 2,000 a second are forty calls' packets: no peer's doing.
constexpr std::uint64_t foreign_max = 100;
// Well before the latch would believe another address: from then on it must be heard.
constexpr Duration peer_pause_max = 100ms;  // it speaks: no ptime is longer
constexpr Duration peer_silence_max = 300ms;

}  // namespace

bool FloodWatch::shuts_out(std::uint64_t foreign, Time heard_at, Time now) {
  if (now - heard_at > peer_silence_max) shut_ = false;
  if (now - window_since_ < window) return shut_;
  if (foreign - window_foreign_ >= foreign_max && now - heard_at <= peer_pause_max) shut_ = true;
  window_since_ = now;
  window_foreign_ = foreign;
  return shut_;
}

}  // namespace sidetone::media
