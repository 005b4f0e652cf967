#include "engine/audio_tap.h"

namespace sidetone {

AudioTap::AudioTap(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AudioTap::~AudioTap() = default;
bool AudioTap::read(AudioFrame& frame) { return impl_->tap().take(frame.said, frame.heard); }
std::uint64_t AudioTap::lost() const { return impl_->tap().lost(); }

}  // namespace sidetone
