// rtp-dump CODEC FMTP PTIME_MS SAYS.wav OUT: the RTP payloads that we send for a recording, each behind its
// length (two bytes, big endian), for decoders that nobody here wrote.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>

#include "base/text.h"
#include "call_pair.h"
#include "rtp/packet.h"
#include "speech/speech_files.h"

namespace {

using namespace sidetone;

Expected<std::unique_ptr<audio_test::CallPair>> sent_packets(const std::string& enabled,
                                                             const std::string& fmtp, unsigned ptime_ms,
                                                             const std::string& path) {
  const auto formats = codec::parse_enabled(enabled);
  if (!formats) return tl::make_unexpected(formats.error());
  const auto sound = media::read_sound_file(path);
  if (!sound) return tl::make_unexpected(sound.error());
  auto call = std::make_unique<audio_test::CallPair>();
  auto& sender = call->a();
  sender.says = speech::at_48_khz(*sound).samples;
  sender.keep_packets = true;
  auto plan =
      audio_test::plan_of(formats->front().codec, call->b().address, std::chrono::milliseconds{ptime_ms});
  plan.send_format.fmtp = fmtp;
  sender.stream.apply(plan, call->now());
  call->run(std::chrono::milliseconds{sender.says.size() / 48});
  return call;
}

bool write(std::FILE* out, std::span<const std::uint8_t> payload) {
  const unsigned char length[2] = {static_cast<unsigned char>(payload.size() >> 8),
                                   static_cast<unsigned char>(payload.size() & 0xff)};
  return std::fwrite(length, 1, 2, out) == 2 &&
         std::fwrite(payload.data(), 1, payload.size(), out) == payload.size();
}

}  // namespace

int main(int argc, char** argv) {
  const auto ptime_ms = argc == 6 ? parse_number<unsigned>(argv[3]) : std::nullopt;
  if (!ptime_ms) {
    fmt::print(stderr, "usage: rtp-dump CODEC FMTP PTIME_MS SAYS.wav OUT\n");
    return 2;
  }
  const auto call = sent_packets(argv[1], argv[2], *ptime_ms, argv[4]);
  if (!call) {
    fmt::print(stderr, "rtp-dump: {}\n", describe(call.error()));
    return 2;
  }
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::fopen(argv[5], "wb"), std::fclose);
  if (!out) return 2;
  for (const auto& bytes : (*call)->a().sent_rtp)
    if (!write(out.get(), rtp::parse_packet(bytes)->payload)) return 2;
  return 0;
}
