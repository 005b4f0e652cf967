// What format parameters mean between two sides: which must agree, and how much time a packet may hold.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "codec/audio_format.h"

namespace sidetone::codec {

// The value of "name=value" among "a=1;b=2"; empty for a bare "name". Any case of letters in the name.
[[nodiscard]] std::optional<std::string_view> fmtp_parameter(std::string_view fmtp, std::string_view name);

// What an answer says when one side has said `ours` and the other `theirs`. Most parameters are declarations
// of the receiver, so this is `ours`; where both must agree (G.729 Annex B, iLBC's mode) it is the common
// one.
[[nodiscard]] std::string answer_fmtp(AudioCodec codec, std::string_view ours, std::string_view theirs);

// What we must keep to when we send.
[[nodiscard]] std::string send_fmtp(AudioCodec codec, std::string_view ours, std::string_view theirs);

// The packet time nearest below `wanted` that the codec can make and that `maximum` (maxptime; none: no
// bound) allows; the codec's smallest when nothing fits.
[[nodiscard]] std::chrono::milliseconds packet_time(const AudioFormat& format,
                                                    std::chrono::milliseconds wanted,
                                                    std::optional<std::chrono::milliseconds> maximum);

}  // namespace sidetone::codec
