#include "media/media_thread.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "media/device/device_opening.h"
#include "media/mailbox.h"
#include "media/media_pump.h"
#include "media/tone_sound.h"
#include "media/worker.h"
#include "rtp/srtp_library.h"

namespace sidetone::media {

struct MediaThread::Impl {
  Impl(MediaThreadSettings with, std::function<void()> notify, LogSink& sink)
      : settings(std::move(with)), log(sink), mailbox(std::move(notify)) {}
  ~Impl();

  MediaThreadSettings settings;
  LogSink& log;
  Mailbox mailbox;
  TickCounters ticks;
  std::atomic<std::uint64_t> last_order{0};
  std::uint64_t device_order = 0;  // the last one asked for; under thread_mutex
  std::atomic<bool> device_opens{false};
  std::mutex thread_mutex;  // starting, ending, settings: never held during media work
  bool running = false;
  bool closing = false;
  std::thread thread;
  std::shared_ptr<const Sound> music;  // under thread_mutex
  DeviceOpening::Count openings = std::make_shared<std::atomic<unsigned>>(0);
  std::shared_ptr<ToneVolume> ringer_volume = std::make_shared<ToneVolume>();
  // Last, so first to end: they speak to the mailbox.
  Worker worker, device_worker;            // files wait for no device
  std::unique_ptr<RingerOutputs> ringers;  // from the first one on

  void start_with(Command command);  // starts the thread when there is none
  void start_with_device(std::uint64_t order, std::unique_ptr<AudioDevice> device);
  bool send(Command command);  // false: nobody is there to hear it
  template <typename Job>
  void post(Job job) {
    worker.post(std::packaged_task<void()>(std::move(job)));
  }
  void run();
  void use_device(DeviceChoice choice);
  void open_device(std::uint64_t order, DeviceChoice choice);
  bool is_wanted(std::uint64_t order);
  void start_locked(Command command);
  void report(MediaId id, Error error);
  void play_here(std::size_t slot, std::uint64_t order, const RingerOutputs::Place* place, bool once);
  RingerOutputs& ringer_outputs();
  void read_music();
};

MediaThread::Impl::~Impl() {
  {
    const std::lock_guard lock(thread_mutex);
    closing = true;  // a job of the worker must not start it anew
    device_order = 0;
    if (running) mailbox.send({{}, EndThread{}});
  }
  if (thread.joinable()) thread.join();
}

void MediaThread::Impl::start_with(Command command) {
  const std::lock_guard lock(thread_mutex);
  start_locked(std::move(command));
}

void MediaThread::Impl::start_locked(Command command) {
  if (closing) return;
  if (!running) mailbox.send({{}, ProcessVoice{settings.voice}});
  if (!running && music) mailbox.send({{}, UseMusic{music}});
  mailbox.send(std::move(command));
  if (running) return;
  if (thread.joinable()) thread.join();  // it has ended, or is on its last lines
  running = true;
  thread = std::thread([this] { run(); });
}

// One that nobody wants any more is closed again by the caller's end, without the lock.
void MediaThread::Impl::start_with_device(std::uint64_t order, std::unique_ptr<AudioDevice> device) {
  const std::lock_guard lock(thread_mutex);
  if (order == device_order) start_locked({{}, UseDevice{order, std::move(device)}});
}

void MediaThread::Impl::run() {
  MediaPump pump(mailbox, worker, device_worker, log, settings, ticks);
  pump.run([this] {
    const std::lock_guard lock(thread_mutex);
    if (mailbox.has_commands()) return false;
    running = false;
    return true;
  });
}

bool MediaThread::Impl::send(Command command) {
  const std::lock_guard lock(thread_mutex);
  if (running) mailbox.send(std::move(command));
  return running;
}

void MediaThread::Impl::report(MediaId id, Error error) {
  if (!send({id, ReportError{error}})) mailbox.put({id, std::move(error)});
}

bool MediaThread::Impl::is_wanted(std::uint64_t order) {
  const std::lock_guard lock(thread_mutex);
  return order == device_order;
}

void MediaThread::Impl::use_device(DeviceChoice choice) {
  const std::lock_guard lock(thread_mutex);
  const auto order = ++last_order;
  device_order = order;
  device_opens = choice.kind != DeviceChoice::Kind::null;
  if (device_opens)
    device_worker.post(std::packaged_task<void()>(
        [this, order, choice = std::move(choice)] { open_device(order, choice); }));
  else if (running)
    mailbox.send({{}, UseDevice{order, nullptr}});
}

// On the device worker. Devices come and go faster than they open: one that is not wanted any more is not
// waited for.
void MediaThread::Impl::open_device(std::uint64_t order, DeviceChoice choice) {
  using namespace std::chrono_literals;
  constexpr auto look_again = 20ms,
                 patience = 3000ms;  // measured: 10 to 60 ms, a loaded machine some hundred
  if (!is_wanted(order)) return;
  DeviceOpening opening(choice, openings);
  std::optional<OpenedDevice> opened;
  for (auto waited = 0ms; !opened && waited < patience && is_wanted(order); waited += look_again)
    opened = opening.wait(look_again);
  if (!is_wanted(order)) return;
  if (!opened) opened = DeviceOpening::given_up(choice);
  device_opens = false;
  if (opened->failed) mailbox.put({{}, std::move(*opened->failed)});
  start_with_device(order, std::move(opened->device));
}

// On the worker: the first call may be held before it is read, and then hears nothing for a moment.
void MediaThread::Impl::read_music() {
  auto sound = read_sound_file(settings.hold_music_file);
  if (!sound) return report({}, std::move(sound.error()));
  const std::lock_guard lock(thread_mutex);
  music = std::make_shared<const Sound>(std::move(*sound));
  if (running) mailbox.send({{}, UseMusic{music}});
}

MediaThread::MediaThread(MediaThreadSettings settings, std::function<void()> notify, LogSink& log)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(notify), log)) {
  if (!impl_->settings.hold_music_file.empty()) impl_->post([impl = impl_.get()] { impl->read_music(); });
}
MediaThread::~MediaThread() = default;

void MediaThread::open(MediaId id, std::unique_ptr<PacketPort> port, StreamSettings settings) {
  if (settings.cname.empty()) settings.cname = impl_->settings.cname;
  impl_->start_with({id, OpenCall{std::move(port), std::move(settings)}});
}

void MediaThread::move(MediaId id, std::unique_ptr<PacketPort> port) {
  impl_->send({id, MoveCall{std::move(port)}});
}

// The first secured call starts the SRTP library: 20 ms that neither thread of sound nor of signalling has.
void MediaThread::apply(MediaId id, codec::MediaPlan plan) {
  const auto order = ++impl_->last_order;
  if (!plan.srtp || rtp::srtp_is_started()) {
    impl_->send({id, UsePlan{order, std::move(plan)}});
    return;
  }
  impl_->post([impl = impl_.get(), id, order, plan = std::move(plan)]() mutable {
    rtp::start_srtp();
    impl->send({id, UsePlan{order, std::move(plan)}});
  });
}

void MediaThread::set_source(MediaId id, Source source) {
  const auto order = ++impl_->last_order;
  const bool microphone = std::holds_alternative<FromMicrophone>(source);
  // Until a file is read there is silence: never the microphone by mistake.
  impl_->send({id, UseSource{order, microphone, nullptr}});
  if (microphone || std::holds_alternative<FromSilence>(source)) return;
  impl_->post([impl = impl_.get(), id, order, source = std::move(source)] {
    auto made = make_source(source);
    if (made)
      impl->send({id, UseSource{order, false, std::move(*made)}});
    else
      impl->report(id, std::move(made.error()));
  });
}

void MediaThread::set_sink(MediaId id, Sink sink) {
  const auto order = ++impl_->last_order;
  const auto* file = std::get_if<ToFile>(&sink);
  impl_->send({id, UseSink{order, std::holds_alternative<ToSpeaker>(sink), nullptr}});
  if (file == nullptr) return;
  impl_->post([impl = impl_.get(), id, order, path = file->path] {
    auto recording = Recording::create(path, Recording::Channels::heard);
    if (recording)
      impl->send({id, UseSink{order, false, std::move(*recording)}});
    else
      impl->report(id, std::move(recording.error()));
  });
}

void MediaThread::set_muted(MediaId id, bool muted) { impl_->send({id, Mute{muted}}); }

void MediaThread::play_to_peer(MediaId id, std::string path, bool loop) {
  const auto order = ++impl_->last_order;
  if (path.empty()) {
    impl_->send({id, UseAnnouncement{order, nullptr}});
    return;
  }
  impl_->post([impl = impl_.get(), id, order, file = FromFile{std::move(path), loop}] {
    auto made = make_source(file);
    if (made)
      impl->send({id, UseAnnouncement{order, std::move(*made)}});
    else
      impl->mailbox.put({id, AnnouncementEnded{std::move(made.error())}});
  });
}

void MediaThread::record(MediaId id, std::string path) {
  const auto order = ++impl_->last_order;
  if (path.empty()) {
    impl_->send({id, UseRecording{order, nullptr}});
    return;
  }
  impl_->post([impl = impl_.get(), id, order, path = std::move(path)] {
    auto recording = Recording::create(path, Recording::Channels::said_and_heard);
    if (recording)
      impl->send({id, UseRecording{order, std::move(*recording)}});
    else
      impl->mailbox.put({id, RecordingEnded{std::move(recording.error())}});
  });
}

void MediaThread::set_tap(MediaId id, std::shared_ptr<FrameTap> tap) {
  impl_->send({id, UseTap{std::move(tap)}});
}

void MediaThread::confer(MediaId id, std::uint32_t room) { impl_->send({id, Confer{room}}); }

void MediaThread::send_dtmf(MediaId id, std::string digits, std::chrono::milliseconds tone,
                            std::chrono::milliseconds gap, DigitWay way, bool feedback) {
  impl_->send({id, SendDigits{std::move(digits), tone, gap, way, feedback}});
}

void MediaThread::sound_digit(MediaId id, char digit, std::chrono::milliseconds tone) {
  impl_->send({id, SoundDigit{digit, tone}});
}

void MediaThread::set_device(DeviceChoice device) { impl_->use_device(std::move(device)); }

void MediaThread::process_voice(device::VoiceSettings settings) {
  const std::lock_guard lock(impl_->thread_mutex);
  impl_->settings.voice = settings;  // of the next thread; the running one has its own
  if (impl_->running) impl_->mailbox.send({{}, ProcessVoice{settings}});
}

void MediaThread::close(MediaId id) { impl_->send({id, CloseCall{}}); }

void MediaThread::Impl::play_here(std::size_t slot, std::uint64_t order, const RingerOutputs::Place* place,
                                  bool once) {
  const auto sequence = ++last_order;
  if (place == nullptr) {
    send({{}, UseTone{slot, sequence, order, std::nullopt}});
    return;
  }
  post([this, slot, sequence, order, place = *place, once, opens = device_opens.load()] {
    auto sound =
        tone_sound(place.tone, mix_rate_hz, once, [this](Error error) { report({}, std::move(error)); });
    start_with(
        {{},
         UseTone{slot, sequence, order,
                 TonePlayer(std::move(sound), once, place.with_volume ? ringer_volume : nullptr), opens}});
  });
}

RingerOutputs& MediaThread::Impl::ringer_outputs() {
  if (!ringers)
    ringers = std::make_unique<RingerOutputs>(
        RingerOutputs::Told{
            .ended = [this](std::uint64_t order) { mailbox.put({{}, ToneEnded{order}}); },
            .failed = [this](std::uint64_t order, const std::string& device,
                             Error error) { mailbox.put({{}, ToneFailed{order, device, std::move(error)}}); },
            .complaint = [this](Error error) { mailbox.put({{}, std::move(error)}); }},
        ringer_volume);
  return *ringers;
}

void MediaThread::play_tone(std::size_t slot, std::uint64_t order, std::vector<RingerOutputs::Place> places,
                            bool once) {
  const auto here =
      std::find_if(places.begin(), places.end(), [](const auto& p) { return p.device.empty(); });
  impl_->play_here(slot, order, here == places.end() ? nullptr : &*here, once);
  if (here != places.end()) places.erase(here);
  if (!places.empty() || impl_->ringers) impl_->ringer_outputs().play(slot, order, places, once);
}

void MediaThread::set_ringer_volume(int percent) { impl_->ringer_volume->set_percent(percent); }

std::optional<MediaEvent> MediaThread::poll_event() { return impl_->mailbox.poll(); }
StreamStatistics MediaThread::statistics(MediaId id) const { return impl_->mailbox.statistics(id); }
TickFigures MediaThread::tick_figures() const { return impl_->ticks.figures(); }

}  // namespace sidetone::media
