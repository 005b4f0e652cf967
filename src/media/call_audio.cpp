#include "media/call_audio.h"

#include <array>
#include <utility>

namespace sidetone::media {
namespace {

constexpr int receive_rounds_max = 4;  // 128 packets: a flood must not hold up the tick
constexpr Frame silence{};

}  // namespace

CallAudio::CallAudio(MediaId id, std::unique_ptr<PacketPort> port, StreamSettings settings)
    : id_(id), port_(std::move(port)), stream_(std::move(settings)) {}

void CallAudio::use_plan(std::uint64_t order, const codec::MediaPlan& plan, Time now) {
  if (order < plan_order_) return;
  plan_order_ = order;
  stream_.apply(plan, now);
}

void CallAudio::use_source(std::uint64_t order, bool microphone, std::unique_ptr<SoundSource> source) {
  if (order < source_order_) return;
  source_order_ = order;
  from_microphone_ = microphone;
  source_ = std::move(source);
}

void CallAudio::use_sink(std::uint64_t order, bool speaker, std::unique_ptr<WaveWriter> file) {
  if (order < sink_order_) return;
  sink_order_ = order;
  to_speaker_ = speaker;
  recording_ = std::move(file);
}

void CallAudio::move(std::unique_ptr<PacketPort> port) {
  old_port_ = std::exchange(port_, std::move(port));
  admitted_ = {};  // the new one is open to everybody until a flood comes to it
}

void CallAudio::receive(Time now) {
  if (receive(*port_, now)) old_port_.reset();
}

bool CallAudio::receive(PacketPort& port, Time now) {
  bool any = false;
  for (int round = 0; round < receive_rounds_max; ++round) {
    const auto packets = port.receive();
    any = any || !packets.empty();
    for (const auto& packet : packets) stream_.receive(packet.bytes, packet.rtcp, packet.from, now);
    transmit();
    if (packets.size() < 32) break;
  }
  return any;
}

bool CallAudio::tick(const Frame& microphone, Mixer& speaker, Time now) {
  if (old_port_) static_cast<void>(receive(*old_port_, now));
  stream_.playout(heard_, now);
  if (to_speaker_) speaker.add(heard_);
  bool recorded = true;
  // Files run with the call, not with the ringing before it: nothing of them is lost, nothing empty recorded.
  if (recording_ && stream_.is_receiving()) {
    if (first_heard_ == Time{}) first_heard_ = now;
    if (!recording_->write(heard_)) {
      recording_.reset();
      recorded = false;
    }
  }
  if (source_ && stream_.is_sending()) {
    if (first_said_ == Time{}) first_said_ = now;
    source_->next(said_, heard_);
    stream_.capture(said_, now);
  } else {
    stream_.capture(from_microphone_ ? microphone : silence, now);
  }
  stream_.on_time(now);
  transmit();
  watch_flood(now);
  return recorded;
}

StreamStatistics CallAudio::statistics() const {
  auto statistics = stream_.statistics();
  statistics.first_said = first_said_;
  statistics.first_heard = first_heard_;
  return statistics;
}

void CallAudio::watch_flood(Time now) {
  const bool shut = flood_.shuts_out(stream_.foreign_packets(), stream_.peer_heard_at(), now);
  const PeerHosts wanted = shut ? stream_.peer_hosts() : PeerHosts{};
  if (wanted == admitted_) return;
  admitted_ = wanted;
  port_->admit_only(admitted_.view());
}

void CallAudio::transmit() {
  const auto packets = stream_.outgoing();
  if (packets.empty()) return;
  std::array<PacketOut, 8> out;
  const auto count = std::min(packets.size(), out.size());
  for (std::size_t i = 0; i < count; ++i) out[i] = {packets[i].view(), packets[i].to, packets[i].rtcp};
  port_->send(std::span(out).first(count));
  stream_.clear_outgoing();
}

void CallAudio::close(Time now) {
  stream_.close(now);
  transmit();
}

}  // namespace sidetone::media
