#include <array>

#include "base/assert.h"
#include "base/text.h"
#include "codec/audio_format.h"

namespace sidetone::codec {
namespace {

// In the order of the enumeration, so that the codec is the index.
constexpr std::array<CatalogueEntry, 10> entries{{
    {AudioCodec::pcmu, "PCMU", 8000, 8000, 1, 0, 0, "PCMU/8000"},
    {AudioCodec::pcma, "PCMA", 8000, 8000, 1, 8, 8, "PCMA/8000"},
    // RFC 3551 §4.5.2: the clock in rtpmap stayed at 8000 by an old mistake; the codec hears 16000.
    {AudioCodec::g722, "G722", 8000, 16000, 1, 9, 9, "G722/16000"},
    // RFC 7587 §7: always 48000/2. In-band FEC is announced because we can make use of it (§6.1).
    {AudioCodec::opus, "opus", 48000, 48000, 2, -1, 120, "opus/48000/2", "useinbandfec=1"},
    {AudioCodec::ilbc, "iLBC", 8000, 8000, 1, -1, 102, "iLBC/8000"},
    {AudioCodec::isac16, "iSAC", 16000, 16000, 1, -1, 103, "iSAC/16000"},
    {AudioCodec::isac32, "iSAC", 32000, 32000, 1, -1, 104, "iSAC/32000"},
    {AudioCodec::g729, "G729", 8000, 8000, 1, 18, 18, "G729/8000"},
    {AudioCodec::telephone_event, "telephone-event", 8000, 8000, 1, -1, 101, "telephone-event/8000", "0-15"},
    {AudioCodec::comfort_noise, "CN", 8000, 8000, 1, 13, 13, "CN/8000"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (static_cast<std::size_t>(entries[i].codec) != i) return false;
  return true;
}
static_assert(in_order());

bool is_event_clock(int clock_hz) {
  for (const auto& entry : entries)
    if (is_speech(entry.codec) && entry.rtp_clock_hz == clock_hz) return true;
  return false;
}

bool is_noise_clock(int clock_hz) {
  for (const auto& entry : entries)
    if (uses_comfort_noise(entry.codec) && entry.rtp_clock_hz == clock_hz) return true;
  return false;
}

}  // namespace

const CatalogueEntry& catalogue(AudioCodec codec) {
  const auto index = static_cast<std::size_t>(codec);
  ST_ASSERT(index < entries.size());
  return entries[index];
}

const CatalogueEntry* find_rtpmap(std::string_view name, int clock_hz) {
  for (const auto& entry : entries) {
    if (!iequals(entry.name, name)) continue;
    if (entry.rtp_clock_hz == clock_hz) return &entry;
    if (entry.codec == AudioCodec::telephone_event && is_event_clock(clock_hz)) return &entry;
    if (entry.codec == AudioCodec::comfort_noise && is_noise_clock(clock_hz)) return &entry;
  }
  return nullptr;
}

const CatalogueEntry* find_static(int payload_type) {
  for (const auto& entry : entries)
    if (entry.static_payload_type >= 0 && entry.static_payload_type == payload_type) return &entry;
  return nullptr;
}

bool is_speech(AudioCodec codec) {
  return codec != AudioCodec::telephone_event && codec != AudioCodec::comfort_noise;
}

bool uses_comfort_noise(AudioCodec codec) {
  return is_speech(codec) && codec != AudioCodec::opus && codec != AudioCodec::g729;
}

int rtp_clock_hz(const AudioFormat& format) {
  return format.rtp_clock_hz != 0 ? format.rtp_clock_hz : catalogue(format.codec).rtp_clock_hz;
}

std::vector<AudioFormat> default_enabled() {
  std::vector<AudioFormat> formats;
  for (const auto codec : {AudioCodec::opus, AudioCodec::g722, AudioCodec::pcmu, AudioCodec::pcma}) {
    const auto& entry = catalogue(codec);
    formats.push_back(
        {codec, static_cast<std::uint8_t>(entry.default_payload_type), std::string(entry.default_fmtp)});
  }
  return formats;
}

}  // namespace sidetone::codec
