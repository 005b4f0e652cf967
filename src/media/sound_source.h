// Where outgoing sound comes from when it is no microphone. Made anywhere, used by the media thread.
#pragma once

#include <memory>

#include "base/expected.h"
#include "media/audio_stream.h"
#include "media/media_thread.h"
#include "media/sound.h"

namespace sidetone::media {

class SoundSource {
 public:
  virtual ~SoundSource() = default;
  // The next 10 ms; `heard` is what the call's other side said in the same 10 ms.
  virtual void next(Frame& said, const Frame& heard) = 0;
  [[nodiscard]] virtual bool ended() const { return false; }
};

// Reads files, so not for the media thread. A microphone and silence are no source: nullptr.
[[nodiscard]] Expected<std::unique_ptr<SoundSource>> make_source(const Source& source);

// Some sources of one sound share it.
[[nodiscard]] std::unique_ptr<SoundSource> make_sound_source(std::shared_ptr<const Sound> sound, bool loop);

}  // namespace sidetone::media
