#include "media/call_audio.h"

#include <array>
#include <utility>

namespace sidetone::media {
namespace {

constexpr int receive_rounds_max = 20;  // what a socket holds of small packets; no flood holds up the tick
constexpr Frame silence{};

}  // namespace

CallAudio::CallAudio(MediaId id, std::unique_ptr<PacketPort> port, StreamSettings settings,
                     const TickFigures& ticks)
    : id_(id), ticks_before_(ticks), port_(std::move(port)), stream_(std::move(settings)) {}

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

std::unique_ptr<Recording> CallAudio::use_sink(std::uint64_t order, bool speaker,
                                               std::unique_ptr<Recording> file) {
  if (order < sink_order_) return file;
  sink_order_ = order;
  to_speaker_ = speaker;
  sink_told_ = false;
  sink_part_ = 1;
  return std::exchange(sink_, std::move(file));
}

void CallAudio::use_announcement(std::uint64_t order, std::unique_ptr<SoundSource> announcement) {
  if (order < announcement_order_) return;
  announcement_order_ = order;
  announcement_ = std::move(announcement);
}

std::unique_ptr<Recording> CallAudio::use_recording(std::uint64_t order,
                                                    std::unique_ptr<Recording> recording) {
  if (order < recording_order_) return recording;
  recording_order_ = order;
  recording_told_ = false;
  recording_part_ = 1;
  return std::exchange(recording_, std::move(recording));
}

void CallAudio::sound_digit(char digit, std::chrono::milliseconds tone) {
  named_digit_ = digit;
  named_ticks_ = static_cast<int>(tone.count() / 10);
}

void CallAudio::give_feedback(Mixer& speaker) {
  char digit = feedback_wanted_ ? stream_.sounding_digit() : char{0};
  if (named_ticks_ > 0) {
    --named_ticks_;
    digit = named_digit_;
  }
  feedback_.follow(digit);
  if (!feedback_.sounding()) return;
  feedback_.next(digit_frame_);
  speaker.add(digit_frame_);
}

void CallAudio::move(std::unique_ptr<PacketPort> port) {
  old_port_ = std::exchange(port_, std::move(port));
  admitted_ = {};  // the new one is open to everybody until a flood comes to it
}

void CallAudio::receive(PacketBatch& batch, Time now, ReadablePorts readable) {
  if (old_port_) {
    static_cast<void>(receive(*old_port_, batch, now, {}));
    readable = {};
  }
  if (receive(*port_, batch, now, readable)) old_port_.reset();
}

bool CallAudio::receive(PacketPort& port, PacketBatch& batch, Time now, ReadablePorts readable) {
  bool any = false;
  for (int round = 0; round < receive_rounds_max; ++round) {
    const auto packets = port.receive(batch, readable);
    any = any || !packets.empty();
    for (const auto& packet : packets)
      stream_.receive(packet.bytes, packet.rtcp, packet.from, now - packet.waited);
    transmit();
    if (packets.size() < PacketBatch::packets_max) break;
  }
  return any;
}

void CallAudio::hear(Mixer& speaker, Time now) {
  stream_.playout(heard_, now);
  if (to_speaker_) speaker.add(heard_);
  give_feedback(speaker);
  if (room_) room_->mixer.add(heard_);
  if (sink_ && stream_.is_receiving() && first_heard_ == Time{}) first_heard_ = now;
}

void CallAudio::say(const Frame& microphone, Time now) {
  const auto& said = choose_said(microphone);
  if (source_ && stream_.is_sending() && first_said_ == Time{}) first_said_ = now;
  stream_.capture(said, now);
  if (tap_ && tap_->is_closed()) tap_.reset();
  if (tap_) tap_->put(said, heard_);
  record(said);
  stream_.on_time(now);
  transmit();
  watch_flood(now);
}

// Sources run with the call, not with the ringing before it: nothing of them is lost.
const Frame& CallAudio::choose_said(const Frame& microphone) {
  if (stream_.is_on_music()) {
    if (!music_) return silence;
    music_->next(said_, heard_);
    return said_;
  }
  if (!stream_.is_sending()) return silence;
  if (announcement_) {
    announcement_->next(said_, heard_);
    if (announcement_->ended()) {
      announcement_.reset();
      announcement_ended_ = true;
    }
    return said_;
  }
  const Frame* ours = from_microphone_ ? &microphone : &silence;
  if (source_) {
    source_->next(said_, heard_);
    ours = &said_;
  }
  if (muted_) ours = &silence;
  if (!room_) return *ours;
  room_->mixer.result_for(heard_, *ours, said_);
  return said_;
}

void CallAudio::record(const Frame& said) {
  if (sink_ && stream_.is_receiving()) sink_->put(said, heard_);
  if (recording_) recording_->put(said, heard_);
}

bool CallAudio::take_sink_ended() { return sink_ && sink_->failed() && !std::exchange(sink_told_, true); }

bool CallAudio::take_recording_ended() {
  return recording_ && recording_->failed() && !std::exchange(recording_told_, true);
}

std::optional<std::string> CallAudio::take_next_part() {
  for (const auto& [file, told] :
       {std::pair{&sink_, &sink_part_}, std::pair{&recording_, &recording_part_}}) {
    const auto part = *file ? (*file)->part() : 1;
    if (part > std::exchange(*told, part)) return (*file)->path_of(part);
  }
  return std::nullopt;
}

StreamStatistics CallAudio::statistics(const TickFigures& ticks) const {
  auto statistics = stream_.statistics();
  statistics.first_said = first_said_;
  statistics.first_heard = first_heard_;
  statistics.ticks = ticks - ticks_before_;
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

std::array<std::unique_ptr<Recording>, 2> CallAudio::take_recordings() {
  return {std::move(sink_), std::move(recording_)};
}

void CallAudio::close(Time now) {
  stream_.close(now);
  transmit();
}

}  // namespace sidetone::media
