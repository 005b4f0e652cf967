#include "codec/fmtp.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"

namespace sidetone::codec {
namespace {

using std::chrono::milliseconds;

bool says(std::string_view fmtp, std::string_view name, std::string_view value) {
  const auto found = fmtp_parameter(fmtp, name);
  return found && iequals(*found, value);
}

// RFC 4856 §2.1.9: annexb=yes is meant when nothing is said, and "no" of either side rules.
std::string g729_fmtp(std::string_view ours, std::string_view theirs) {
  if (says(ours, "annexb", "no") || says(theirs, "annexb", "no")) return "annexb=no";
  return ours.empty() && theirs.empty() ? std::string{} : "annexb=yes";
}

// RFC 3952 §5: both use the mode of the lower bandwidth, which is 30 ms; 30 is meant when nothing is said.
std::string ilbc_fmtp(std::string_view ours, std::string_view theirs) {
  const bool twenty = says(ours, "mode", "20") && says(theirs, "mode", "20");
  if (twenty) return "mode=20";
  return ours.empty() && theirs.empty() ? std::string{} : "mode=30";
}

// RFC 7587 §6.1: what the receiver says governs. Only silence may be left out unasked: every decoder can do
// that, and usedtx says what a receiver prefers, not what it allows.
std::string opus_send_fmtp(std::string_view ours, std::string_view theirs) {
  if (!says(ours, "usedtx", "1") || fmtp_parameter(theirs, "usedtx")) return std::string(theirs);
  return theirs.empty() ? "usedtx=1" : std::string(theirs) + ";usedtx=1";
}

// Nothing above 60 ms: what is gained by fewer headers is lost by delay, and by the size of what one lost
// packet takes along.
constexpr std::array every_ten{10, 20, 30, 40, 50, 60};
constexpr std::array opus_times{10, 20, 40, 60};  // whole frames, RFC 6716 §2.1.4
// RFC 3951 §2: a block is 20 or 30 ms; a packet holds one or two (our encoder knows 60 ms as two of 30).
constexpr std::array ilbc_20{20, 40};
constexpr std::array thirties{30, 60};
constexpr std::array thirty{30};

std::span<const int> packet_times(const AudioFormat& format) {
  switch (format.codec) {
    case AudioCodec::opus: return opus_times;
    case AudioCodec::ilbc: return says(format.fmtp, "mode", "20") ? std::span<const int>(ilbc_20) : thirties;
    case AudioCodec::isac16: return thirties;
    case AudioCodec::isac32: return thirty;
    default: return every_ten;
  }
}

}  // namespace

std::optional<std::string_view> fmtp_parameter(std::string_view fmtp, std::string_view name) {
  while (!fmtp.empty()) {
    auto value = trim(take_until(fmtp, ';'));
    if (iequals(trim(take_until(value, '=')), name)) return trim(value);
  }
  return std::nullopt;
}

std::string answer_fmtp(AudioCodec codec, std::string_view ours, std::string_view theirs) {
  if (codec == AudioCodec::g729) return g729_fmtp(ours, theirs);
  if (codec == AudioCodec::ilbc) return ilbc_fmtp(ours, theirs);
  return std::string(ours);
}

std::string send_fmtp(AudioCodec codec, std::string_view ours, std::string_view theirs) {
  if (codec == AudioCodec::g729) return g729_fmtp(ours, theirs);
  if (codec == AudioCodec::ilbc) return ilbc_fmtp(ours, theirs);
  if (codec == AudioCodec::opus) return opus_send_fmtp(ours, theirs);
  return std::string(theirs);
}

milliseconds packet_time(const AudioFormat& format, milliseconds wanted,
                         std::optional<milliseconds> maximum) {
  const auto times = packet_times(format);
  const auto bound = maximum ? std::min(wanted, *maximum) : wanted;
  milliseconds best{times.front()};
  for (const int time : times)
    if (milliseconds{time} <= bound) best = milliseconds{time};
  return best;
}

}  // namespace sidetone::codec
