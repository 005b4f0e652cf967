// RTP and RTCP parsers, and what stands on them: reports, reception, telephone-events.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "rtp/arrivals.h"
#include "rtp/mos.h"
#include "rtp/packet.h"
#include "rtp/redundancy.h"
#include "rtp/reports.h"
#include "rtp/telephone_event.h"

using namespace sidetone;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(data, size);
  static_cast<void>(rtp::classify(bytes));
  if (const auto packet = rtp::parse_packet(bytes)) {
    ST_ASSERT(packet->payload.size() + packet->extension.size() + rtp::header_size <= size);
    rtp::Reception reception(8000, static_cast<std::uint16_t>(~packet->header.sequence), 0);
    rtp::EventReceiver events;
    rtp::Arrivals arrivals;
    if (const auto redundancy = rtp::parse_redundancy(packet->payload)) {
      std::size_t sum = 0;
      for (const auto& block : redundancy->earlier()) sum += block.payload.size();
      ST_ASSERT(sum + redundancy->primary().payload.size() < packet->payload.size());
    }
    Time now{std::chrono::seconds{1}};
    // The payload as a script: sequence numbers, timestamps and events that a peer could choose.
    for (auto rest = packet->payload; rest.size() >= 4; rest = rest.subspan(4)) {
      const auto sequence = static_cast<std::uint16_t>(rest[0] << 8 | rest[1]);
      const auto timestamp = static_cast<std::uint32_t>(rest[2] << 24 | rest[3] << 8);
      reception.update(sequence, timestamp, now);
      arrivals.note(sequence);
      if ((rest[3] & 1) != 0) arrivals.repair(static_cast<std::uint16_t>(sequence - rest[2]));
      if ((rest[3] & 2) != 0) arrivals.discard(rest[2]);
      if ((rest[3] & 4) != 0) arrivals.restart(static_cast<std::uint16_t>(sequence ^ timestamp));
      if (const auto event = rtp::parse_event(rest)) events.receive(*event, timestamp, (rest[0] & 1) != 0);
      now += std::chrono::milliseconds{rest[3]};
    }
    const auto losses = arrivals.so_far();
    ST_ASSERT(losses.counts().missing() <= losses.counts().expected);
    const auto pattern = rtp::loss_pattern(losses, std::chrono::milliseconds{20});
    const auto r = rtp::rating(rtp::impairment_g711, pattern, std::chrono::milliseconds{50});
    ST_ASSERT(r >= 0 && r <= 100);
    static_cast<void>(reception.take_fraction_lost());
    static_cast<void>(reception.jitter_time());
  }
  rtp::Reports reports("fuzz");
  reports.receive(bytes, 1, 2, Time{std::chrono::seconds{5}});
  rtp::CompoundReader reader(bytes);
  while (const auto packet = reader.next()) {
    static_cast<void>(packet->sender_info());
    for (std::size_t i = 0; i <= packet->count; ++i) static_cast<void>(packet->report(i));
    static_cast<void>(packet->cname(packet->ssrc()));
    static_cast<void>(packet->says_bye(1));
    static_cast<void>(rtp::find_voip_metrics(*packet, packet->ssrc()));
  }
  return 0;
}
