// Any bytes as an offer and as the answer to ours: no crash; what is written can be read and is stable; an
// answer has the lines of its offer and claims no direction that the offer does not allow.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "sdp/negotiate.h"

namespace {

using namespace sidetone;
using namespace sidetone::sdp;

LocalAudio local_audio(bool hold) {
  LocalAudio local;
  local.ip = IpAddress::loopback_v4();
  local.rtp_port = 40000;
  local.rtcp_port = 40001;
  local.codecs = {{120, "opus", 48000, 2, "useinbandfec=1"}, {0, "PCMU", 8000, 1, ""}};
  local.events = {{101, "telephone-event", 8000, 1, "0-15"}, {96, "telephone-event", 48000, 1, "0-15"}};
  local.direction = hold ? Direction::sendonly : Direction::sendrecv;
  local.by_offer_order = hold;
  local.suites = {srtp_suites.begin(), srtp_suites.end()};
  for (const auto suite : srtp_suites)
    local.crypto.push_back({.tag = static_cast<std::uint32_t>(suite),
                            .suite = suite,
                            .keys = {SrtpMasterKey{Secret(SrtpKeyBytes(srtp_key_size(suite)))}}});
  local.answer_keys = [](const CryptoAttribute& theirs, const RemoteAudio&) { return theirs.keys; };
  return local;
}

void check_answer(const SessionDescription& offer, bool hold) {
  const auto answer = make_answer(offer, local_audio(hold));
  if (!answer) return;
  const auto read = SessionDescription::parse(answer->description.write());
  ST_ASSERT(read && read->media.size() == offer.media.size());
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    if (read->media[i].port == 0) continue;
    ST_ASSERT(answer->audio && answer->audio->line == i && offer.media[i].port != 0);
    const auto offered = offer.direction_of(offer.media[i]);
    const auto answered = read->direction_of(read->media[i]);
    ST_ASSERT(receives(offered) || !sends(answered));
    ST_ASSERT(sends(offered) || !receives(answered));
    ST_ASSERT(!hold || !receives(answered));
  }
}

// What is read of a=crypto can be written, and says the same then.
void check_crypto(const SessionDescription& description) {
  for (const auto& media : description.media)
    for (const auto& crypto : crypto_attributes(media)) {
      const auto again = parse_crypto(write_crypto(crypto));
      ST_ASSERT(again && *again == crypto);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = SessionDescription::parse({reinterpret_cast<const char*>(data), size});
  if (!parsed) return 0;
  const auto written = parsed->write();
  const auto again = SessionDescription::parse(written);
  // Writing may lengthen what was at a bound (a default t= line, "-" for nothing), nothing else may fail.
  ST_ASSERT(again || again.error().fault == Fault::limit);
  if (again) ST_ASSERT(again->write() == written);
  check_crypto(*parsed);
  check_answer(*parsed, false);
  check_answer(*parsed, true);
  const auto offer = make_offer(local_audio(false), {}, 0);
  static_cast<void>(match_answer(offer, *parsed, 0));
  const std::array lines{OfferedLine{0, true}, OfferedLine{1, false}};
  static_cast<void>(match_answer(make_offer(local_audio(true), {}, lines), *parsed, lines));
  return 0;
}
