#include "rtp/srtp_library.h"

#include <srtp2/srtp.h>

#include <atomic>
#include <mutex>

#include "base/assert.h"

namespace sidetone::rtp {
namespace {

// The library's own state is global, and so is whether it has been started.
struct Start {
  std::once_flag once;
  std::atomic<bool> done{false};
};
Start& start() {
  static Start state;
  return state;
}

}  // namespace

void start_srtp() {
  std::call_once(start().once, [] {
    ST_ASSERT(srtp_init() == srtp_err_status_ok);  // fails only when its self-tests do
    start().done = true;
  });
}

bool srtp_is_started() { return start().done; }

}  // namespace sidetone::rtp
