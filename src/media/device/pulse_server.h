// Whether a PulseAudio server (or PipeWire in its place) answers.
#pragma once

namespace sidetone::media {

[[nodiscard]] bool pulse_answers();  // milliseconds; from any thread

}  // namespace sidetone::media
