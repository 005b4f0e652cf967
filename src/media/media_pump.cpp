#include "media/media_pump.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <ctime>

namespace sidetone::media {
namespace {

using namespace std::chrono_literals;

constexpr Duration tick_length = 10ms;
// After a suspend or a stall beyond this the missed ticks are gone: playing them fast would be noise.
constexpr Duration backlog_max = 100ms;
// A device that pauses must not stop the call's packets: our own clock steps in, with silence.
constexpr Duration device_pause_max = 100ms;
constexpr Duration device_patience = 3s;
constexpr unsigned statistics_ticks = 50;

Time steady_now() {
  return Time{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())};
}

timespec to_timespec(Duration duration) {
  const auto us = std::max<std::int64_t>(0, duration.count());
  return {static_cast<time_t>(us / 1000000), static_cast<long>(us % 1000000 * 1000)};
}

void set_dscp(const PacketPort& port, int dscp) {
  if (dscp == 0) return;
  const int tos = dscp << 2;
  for (const int descriptor : port.descriptors()) {
    if (descriptor < 0) continue;
    // One of the two fits the socket's family; a system that refuses only loses the marking.
    static_cast<void>(::setsockopt(descriptor, IPPROTO_IP, IP_TOS, &tos, sizeof tos));
    static_cast<void>(::setsockopt(descriptor, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof tos));
  }
}

// A device waits for its thread when it stops, a recording for its disk: not here.
template <typename Waiting>
void end_elsewhere(Worker& worker, Waiting waiting) {
  if (waiting)
    worker.post(std::packaged_task<void()>([waiting = std::move(waiting)]() mutable { waiting.reset(); }));
}

}  // namespace

void MediaPump::retire(std::unique_ptr<AudioDevice> device) {
  end_elsewhere(device_worker_, std::move(device));
}

void MediaPump::retire(std::unique_ptr<Recording> recording) { end_elsewhere(worker_, std::move(recording)); }

MediaPump::~MediaPump() { retire(std::move(device_)); }

void MediaPump::log(LogLevel level, std::string text) {
  if (!log_.wants(LogTag::media, level)) return;
  LogRecord record;  // of now: the log's clock has not begun when ours has
  record.level = level;
  record.tag = LogTag::media;
  record.text = std::move(text);
  log_.write(std::move(record));
}

void MediaPump::work_commands() {
  now_ = steady_now();
  const bool first = wakers_[0].fd != mailbox_.wake_descriptor();
  if (!first && wakers_[0].revents == 0) return;
  mailbox_.take(commands_);
  for (auto& command : commands_) std::visit([&](auto& what) { work(command.id, what); }, command.what);
  commands_.clear();
  wakers_ = {{{mailbox_.wake_descriptor(), POLLIN, 0}, {device_ ? device_->descriptor() : -1, POLLIN, 0}}};
}

CallAudio* MediaPump::find(MediaId id) {
  const auto found =
      std::find_if(calls_.begin(), calls_.end(), [id](const auto& call) { return call->id() == id; });
  return found == calls_.end() ? nullptr : found->get();
}

void MediaPump::work(MediaId id, OpenCall& open) {
  if (!open.port || find(id) != nullptr) return;
  set_dscp(*open.port, settings_.rtp_dscp);
  if (calls_.empty() && !tones_.any()) next_tick_ = now_;
  calls_.push_back(
      std::make_unique<CallAudio>(id, std::move(open.port), std::move(open.settings), counters_.figures()));
  watch_.add(*calls_.back(), calls_.back()->port());
}

void MediaPump::work(MediaId id, MoveCall& move) {
  auto* call = find(id);
  if (!move.port || call == nullptr) return;
  set_dscp(*move.port, settings_.rtp_dscp);
  watch_.add(*call, *move.port);
  call->move(std::move(move.port));
}

void MediaPump::work(MediaId id, UsePlan& use) {
  auto* call = find(id);
  if (call == nullptr) return;
  call->use_plan(use.order, use.plan, now_);
  play_music_to(*call);
}

void MediaPump::play_music_to(CallAudio& call) {
  if (music_ && call.wants_music()) call.use_music(make_sound_source(music_, true));
}

void MediaPump::work(MediaId, UseMusic& use) {
  music_ = std::move(use.music);
  for (const auto& call : calls_) play_music_to(*call);
}

void MediaPump::work(MediaId id, UseAnnouncement& use) {
  if (auto* call = find(id)) call->use_announcement(use.order, std::move(use.source));
}

void MediaPump::work(MediaId id, UseRecording& use) {
  auto* call = find(id);
  retire(call != nullptr ? call->use_recording(use.order, std::move(use.file)) : std::move(use.file));
}

void MediaPump::work(MediaId id, UseTap& use) {
  if (auto* call = find(id)) call->use_tap(std::move(use.tap));
}

void MediaPump::work(MediaId id, Confer& confer) {
  if (auto* call = find(id)) call->enter(rooms_.enter(confer.room));
}

void MediaPump::work(MediaId id, UseSource& use) {
  if (auto* call = find(id)) call->use_source(use.order, use.microphone, std::move(use.source));
}

void MediaPump::work(MediaId id, UseSink& use) {
  auto* call = find(id);
  retire(call != nullptr ? call->use_sink(use.order, use.speaker, std::move(use.file)) : std::move(use.file));
}

void MediaPump::work(MediaId id, Mute& mute) {
  if (auto* call = find(id)) call->set_muted(mute.muted);
}

void MediaPump::work(MediaId id, SendDigits& send) {
  auto* call = find(id);
  if (call == nullptr) return;
  call->use_feedback(send.feedback);
  if (call->stream().send_dtmf(send.digits, send.tone, send.gap, send.way)) return;
  mailbox_.put({id, Error{Fault::state, Layer::media,
                          "DTMF digits were not sent: telephone-event is not negotiated, "
                          "a character is no digit or more than 40 wait",
                          "use another dtmf_method, or send fewer digits"}});
}

void MediaPump::work(MediaId id, SoundDigit& sound) {
  if (auto* call = find(id)) call->sound_digit(sound.digit, sound.tone);
}

void MediaPump::work(MediaId id, CloseCall&) {
  if (auto* call = find(id)) close(*call);
}

void MediaPump::close(CallAudio& call) {
  call.receive(batch_, now_);
  call.close(now_);
  watch_.remove(call);
  tell_events(call);
  mailbox_.drop_statistics(call.id());
  MediaEvent last{call.id(), call.statistics(counters_.figures())};
  auto files = call.take_recordings();
  if (files[0] || files[1])  // when the last figures come, the files are whole
    worker_.post(std::packaged_task<void()>(
        [&mailbox = mailbox_, files = std::move(files), last = std::move(last)]() mutable {
          for (auto& file : files) file.reset();
          mailbox.put(std::move(last));
        }));
  else
    mailbox_.put(std::move(last));
  std::erase_if(calls_, [&call](const auto& other) { return other.get() == &call; });
}

void MediaPump::work(MediaId, UseTone& use) {
  if (calls_.empty() && !tones_.any()) next_tick_ = now_;
  // Nothing of a tone is lost while the device opens, which takes some 60 ms and may fail.
  if (use.device_opens && !device_runs_) tones_begin_ = now_ + device_patience;
  tones_.use(use.slot, use.sequence, use.order, std::move(use.player));
}

void MediaPump::work(MediaId, UseDevice& use) {
  if (use.order < device_order_) return retire(std::move(use.device));
  device_order_ = use.order;
  retire(std::move(device_));
  device_ = std::move(use.device);
  device_underruns_ = 0;
  device_heard_ = now_;
  stuck_.opened(device_ && device_->has_microphone(), now_);
  device_runs_ = false;  // until its first frame
  next_tick_ = now_;
  voice_.apply({});  // another device is another room: nothing that was learnt holds
  if (device_ && device_->has_microphone()) voice_.apply(voice_settings_);
}

void MediaPump::work(MediaId, ProcessVoice& process) {
  voice_settings_ = process.settings;
  if (device_ && device_->has_microphone()) voice_.apply(voice_settings_);
}

void MediaPump::work(MediaId id, ReportError& report) {
  log(LogLevel::error, describe(report.error));
  mailbox_.put({id, std::move(report.error)});
}

void MediaPump::work(MediaId, EndThread&) {
  while (!calls_.empty()) close(*calls_.back());
  retire(std::move(device_));
  ending_ = true;
}

void MediaPump::give_up_device(Error error) {
  retire(std::move(device_));
  device_runs_ = false;
  wakers_[1].fd = -1;
  next_tick_ = now_;
  log(LogLevel::error, describe(error));
  mailbox_.put({MediaId{}, DeviceLost{std::move(error)}});
}

void MediaPump::step() {
  wait();
  now_ = steady_now();
  if (device_) run_device_ticks();
  if (!device_runs_) run_ticks();
}

void MediaPump::wait() {
  // Without a call nothing is due: the thread sleeps until a command comes.
  const auto until = device_runs_ ? device_heard_ + device_pause_max : next_tick_;
  const auto timeout = to_timespec(until - steady_now());
  ::ppoll(wakers_.data(), wakers_.size(), busy() ? &timeout : nullptr, nullptr);
}

void MediaPump::run_ticks() {
  if (now_ - next_tick_ > backlog_max) {
    counters_.skipped(static_cast<std::uint64_t>((now_ - next_tick_) / tick_length));
    next_tick_ = now_;
  }
  microphone_.fill(0);
  while (next_tick_ <= now_) {
    if (now_ - next_tick_ > tick_length) counters_.late_by(now_ - next_tick_);
    tick(microphone_);
    next_tick_ += tick_length;
  }
}

void MediaPump::run_device_ticks() {
  bool recorded = device_->record(microphone_);
  if (recorded && !device_runs_) {
    while (device_->record(microphone_)) {  // what was said while our own clock ran is too late
    }
    device_runs_ = true;
  }
  while (recorded) {
    device_heard_ = now_;
    stuck_.heard(microphone_, !calls_.empty(), now_);
    const bool heard = !calls_.empty();
    if (heard) voice_.capture(microphone_);
    tick(microphone_);
    if (heard) voice_.played(speaker_);
    device_->play(speaker_);
    recorded = device_->record(microphone_);
  }
  if (device_runs_ && now_ - device_heard_ >= device_pause_max) {
    device_runs_ = false;
    next_tick_ = now_;
  }
  watch_device();
}

void MediaPump::watch_device() {
  counters_.underruns(device_->underruns() - device_underruns_);
  device_underruns_ = device_->underruns();
  if (device_->failed())
    return give_up_device(
        {Fault::io, Layer::device, "the sound device has stopped", "choose another device"});
  const auto stuck = stuck_.look(now_);
  if (!stuck) return;
  Error error{Fault::timeout, Layer::device,
              *stuck == StuckWatch::Stuck::stalled ? "the sound device is stuck: it asks for nothing any more"
                                                   : "the microphone is stuck: it gives nothing but zeros",
              "set restart_audio_if_stuck to 1, or choose another device"};
  if (settings_.restart_if_stuck) return give_up_device(std::move(error));
  log(LogLevel::warning, describe(error));
  mailbox_.put({MediaId{}, std::move(error)});
}

void MediaPump::tick(const Frame& microphone) {
  counters_.ticked();
  receive_packets();
  mixer_.clear();
  rooms_.clear();
  for (const auto& call : calls_) call->hear(mixer_, now_);
  for (const auto& call : calls_) {
    call->say(microphone, now_);
    tell_ends(*call);
    tell_events(*call);
  }
  if (device_runs_ || now_ >= tones_begin_) tones_.add_to(mixer_);
  while (const auto order = tones_.ended()) mailbox_.put({{}, ToneEnded{*order}});
  mixer_.result(speaker_);
  if (++ticks_ % statistics_ticks == 1) publish_statistics();
}

void MediaPump::receive_packets() {
  watch_.each_readable(
      [this](CallAudio& call, ReadablePorts readable) { call.receive(batch_, now_, readable); });
}

void MediaPump::tell_ends(CallAudio& call) {
  if (call.take_announcement_ended()) mailbox_.put({call.id(), AnnouncementEnded{}});
  if (const auto next = call.take_next_part())
    log(LogLevel::info, "the recording goes on in " + *next + ": a WAV file ends at 2 GB");
  const bool sink = call.take_sink_ended(), recording = call.take_recording_ended();
  if (!sink && !recording) return;
  Error error{Fault::io, Layer::media, "the recording stopped: its file takes no more",
              "check the free space and the speed of the disk"};
  if (sink) mailbox_.put({call.id(), error});
  if (recording) mailbox_.put({call.id(), RecordingEnded{std::move(error)}});
}

void MediaPump::tell_events(CallAudio& call) {
  while (const auto event = call.stream().poll_event()) mailbox_.put({call.id(), *event});
}

void MediaPump::publish_statistics() {
  const auto ticks = counters_.figures();
  for (const auto& call : calls_) mailbox_.put_statistics(call->id(), call->statistics(ticks));
}

}  // namespace sidetone::media
