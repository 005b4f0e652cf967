// What we hear: source checks, reception statistics, telephone-events and the jitter buffer of one stream.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "codec/media_plan.h"
#include "media/jitter_buffer.h"
#include "media/outbox.h"
#include "media/peer_latch.h"
#include "rtp/arrivals.h"
#include "rtp/reception.h"
#include "rtp/redundancy.h"
#include "rtp/telephone_event.h"

namespace sidetone::media {

class ReceiveSide {
 public:
  explicit ReceiveSide(std::shared_ptr<const G729Module> g729,
                       std::chrono::milliseconds jitter_delay_min = {})
      : g729_(std::move(g729)), jitter_delay_min_(jitter_delay_min) {}
  void apply(const codec::MediaPlan& plan, Time now);

  struct Result {
    bool accepted = false;
    bool new_ssrc = false;
  };
  Result take(const rtp::Packet& packet, const Address& from, Time now, EventRing& events);
  void playout(Frame& heard, Time now, EventRing& events);
  [[nodiscard]] bool heard_events() const { return heard_events_; }  // of the present source
  void count_foreign() { ++foreign_; }
  [[nodiscard]] std::uint32_t foreign() const { return foreign_; }

  // What became of the packets, of all sources one after the other. take_discards() first.
  void take_discards();
  [[nodiscard]] rtp::LossBursts losses() const { return arrivals_.so_far(); }
  [[nodiscard]] std::chrono::microseconds packet_time() const;  // as the peer sends; 0: not known yet
  [[nodiscard]] JitterBuffer::Counts buffer() const {
    return jitter_ ? jitter_->counts() : JitterBuffer::Counts{};
  }
  [[nodiscard]] const PeerLatch& latch() const { return latch_; }
  [[nodiscard]] rtp::Reception* reception() { return reception_ ? &*reception_ : nullptr; }
  [[nodiscard]] std::uint64_t packets() const { return packets_; }
  [[nodiscard]] const codec::AudioFormat* format() const { return format_; }
  [[nodiscard]] Time last_packet_at() const { return last_packet_at_; }
  [[nodiscard]] JitterBuffer::Heard heard_last() const { return heard_last_; }
  void fill(StreamStatistics& statistics) const;

 private:
  void keep_former_formats();
  [[nodiscard]] const codec::AudioFormat* find_format(std::uint8_t payload_type) const;
  [[nodiscard]] bool is_event(std::uint8_t payload_type) const;
  [[nodiscard]] bool is_redundancy(std::uint8_t payload_type) const;
  struct Unpacked {
    rtp::Packet packet;
    std::optional<rtp::Redundancy> redundancy;
  };
  [[nodiscard]] std::optional<Unpacked> unpack(const rtp::Packet& received) const;
  std::optional<rtp::Arrivals::Kind> note_arrival(const rtp::Header& header, bool new_source, Time now);
  void take_new(const rtp::Packet& packet, const codec::AudioFormat* format, const Address& from, Time now,
                EventRing& events);
  void take_earlier(const rtp::Packet& packet, const rtp::Redundancy& redundancy, const Address& from,
                    Time now, EventRing& events);
  void note_packet_time(const rtp::Header& header);
  void follow_source(const rtp::Packet& packet);
  void take_audio(const rtp::Packet& packet, const codec::AudioFormat& format, const Address& from, Time now,
                  EventRing& events);
  void take_event(const rtp::Packet& packet, const Address& from, Time now, EventRing& events);
  void tell_event(const std::optional<rtp::EventReceiver::Ended>& ended, const Address& from,
                  EventRing& events);
  [[nodiscard]] bool is_new_time_base(const rtp::Header& header, int clock_hz, double tolerance_s,
                                      Time now) const;

  std::shared_ptr<const G729Module> g729_;
  std::chrono::milliseconds jitter_delay_min_;
  codec::MediaPlan plan_;
  std::vector<codec::AudioFormat> announced_;  // of this plan alone; plan_ has the one before, too
  PeerLatch latch_;
  std::unique_ptr<JitterBuffer> jitter_;
  std::optional<rtp::Reception> reception_;
  std::int64_t lost_before_ = 0;  // of earlier sources
  rtp::Arrivals arrivals_;
  std::uint64_t discards_taken_ = 0;
  int look_for_discards_ = 0;       // ticks: something came late
  std::uint32_t packet_units_ = 0;  // of the RTP clock in one packet of the peer's
  std::uint16_t last_sequence_ = 0;
  const codec::AudioFormat* format_ = nullptr;  // into plan_.receive_formats
  std::optional<std::uint32_t> last_timestamp_;
  Time last_audio_at_{}, last_packet_at_{};
  bool new_source_ = false;  // nothing of it has been played yet
  rtp::EventReceiver event_receiver_;
  Time last_event_at_{};
  Address event_from_;
  JitterBuffer::Heard heard_last_ = JitterBuffer::Heard::silent;
  bool silent_ = true;  // nothing sounded in the last 10 ms, and nothing has come since
  bool heard_rtp_ = false;
  bool heard_events_ = false;
  bool audio_flows_ = false;  // as was told
  std::uint64_t packets_ = 0, bytes_ = 0;
  std::uint32_t foreign_ = 0;
  std::array<std::uint64_t, 4> frames_{};  // by JitterBuffer::Heard
};

}  // namespace sidetone::media
