#include "media/device/pulse_server.h"

#include <pulse/context.h>
#include <pulse/mainloop.h>

#include <memory>

namespace sidetone::media {
namespace {

// Bound: what connects says so within a few turns; a server that hangs ends in none of the states.
constexpr int turns_max = 40, turn_us = 50'000;

struct FreeLoop {
  void operator()(pa_mainloop* loop) const { pa_mainloop_free(loop); }
};
struct FreeContext {
  void operator()(pa_context* context) const {
    pa_context_disconnect(context);
    pa_context_unref(context);
  }
};

}  // namespace

bool pulse_answers() {
  const std::unique_ptr<pa_mainloop, FreeLoop> loop(pa_mainloop_new());
  if (!loop) return false;
  const std::unique_ptr<pa_context, FreeContext> context(
      pa_context_new(pa_mainloop_get_api(loop.get()), "Sidetone"));
  if (!context || pa_context_connect(context.get(), nullptr, PA_CONTEXT_NOFLAGS, nullptr) < 0) return false;
  for (int turn = 0; turn < turns_max; ++turn) {
    const auto state = pa_context_get_state(context.get());
    if (state == PA_CONTEXT_READY) return true;
    if (!PA_CONTEXT_IS_GOOD(state)) return false;
    if (pa_mainloop_prepare(loop.get(), turn_us) < 0 || pa_mainloop_poll(loop.get()) < 0 ||
        pa_mainloop_dispatch(loop.get()) < 0)
      return false;
  }
  return false;
}

}  // namespace sidetone::media
