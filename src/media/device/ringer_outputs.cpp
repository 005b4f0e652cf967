#include "media/device/ringer_outputs.h"

#include <cubeb/cubeb.h>
#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <semaphore>
#include <thread>

#include "media/audio_stream.h"
#include "media/device/cubeb_context.h"
#include "media/resampler.h"

namespace sidetone::media {
namespace {

// Each that hangs keeps a thread and a connection: a sound server that leaves that many unanswered is broken.
constexpr std::size_t outputs_max = 8;
constexpr std::chrono::seconds closing_patience{2};

constexpr std::chrono::milliseconds fade_patience{200};

// The device's own rate, if the files' resampler has it: then nobody converts a second time.
int rate_of(const cubeb_device_info& device) {
  const auto rate = static_cast<int>(device.default_rate);
  return is_resampler_rate(rate) ? rate : mix_rate_hz;
}

}  // namespace

// Outlives the owner as long as a thread does.
struct RingerOutputs::Shared {
  std::mutex mutex;  // never held while a device is worked on
  std::condition_variable one_less;
  std::size_t running = 0;
  bool ended = false;
  Told told;
  std::shared_ptr<const ToneVolume> volume;

  template <typename Tell>
  void tell(const Tell& tell) {
    const std::lock_guard lock(mutex);
    if (!ended) tell(told);
  }
};

struct RingerOutputs::Output {
  enum class State : std::uint8_t { running, drained, failed };
  std::uint64_t order = 0;
  Place place;
  bool once = false;
  std::atomic<bool> stopped{false};  // by the owner
  std::atomic<State> state{State::running};
  std::counting_semaphore<> changed{0};  // `stopped` or `state` has
  std::optional<TonePlayer> player;      // of the callback from the stream's start on

  Expected<void> sound(const std::function<void(Error)>& complain,
                       const std::shared_ptr<const ToneVolume>& volume);
  Expected<void> play(cubeb* context, const cubeb_device_info& device, std::uint32_t rate_hz);
  static long on_data(cubeb_stream*, void* self, const void*, void* out, long frames);
  static void on_state(cubeb_stream*, void* self, cubeb_state state);
};

Expected<void> RingerOutputs::Output::sound(const std::function<void(Error)>& complain,
                                            const std::shared_ptr<const ToneVolume>& volume) {
  auto context = open_cubeb();
  if (!context) return tl::make_unexpected(std::move(context.error()));
  const CubebCollection outputs(context->get(), CUBEB_DEVICE_TYPE_OUTPUT);
  const auto* device = outputs.find(place.device);
  if (device == nullptr)
    return fail(Layer::device, Fault::not_found,
                fmt::format("there is no output device \"{}\"", place.device),
                "sidetone devices lists the ids");
  const auto rate_hz = rate_of(*device);
  player.emplace(tone_sound(place.tone, rate_hz, once, complain), once, place.with_volume ? volume : nullptr);
  if (stopped.load()) return {};
  return play(context->get(), *device, static_cast<std::uint32_t>(rate_hz));
}

Expected<void> RingerOutputs::Output::play(cubeb* context, const cubeb_device_info& device,
                                           std::uint32_t rate_hz) {
  cubeb_stream_params params{CUBEB_SAMPLE_S16NE, rate_hz, 1, CUBEB_LAYOUT_MONO, CUBEB_STREAM_PREF_NONE};
  cubeb_stream* stream = nullptr;
  const auto latency_frames = rate_hz / 20;  // nobody minds 50 ms
  int result = cubeb_stream_init(context, &stream, "ringer", nullptr, nullptr, device.devid, &params,
                                 latency_frames, on_data, on_state, this);
  if (result == CUBEB_OK) result = cubeb_stream_start(stream);
  if (result == CUBEB_OK) {
    while (!stopped.load() && state.load() == State::running) changed.acquire();
    while (state.load() == State::running && changed.try_acquire_for(fade_patience)) {
    }
  }
  if (stream != nullptr) {
    cubeb_stream_stop(stream);
    cubeb_stream_destroy(stream);
  }
  if (result != CUBEB_OK)
    return fail(Layer::device, Fault::io, fmt::format("it does not start (cubeb error {})", result), {});
  if (state.load() == State::failed && !stopped.load())
    return fail(Layer::device, Fault::io, "it has stopped", {});
  return {};
}

// The device's real-time thread: no lock, no allocation, nothing that waits.
long RingerOutputs::Output::on_data(cubeb_stream*, void* self, const void*, void* out, long frames) {
  auto& output = *static_cast<Output*>(self);
  if (frames <= 0) return frames;
  if (output.stopped.load(std::memory_order_relaxed)) output.player->stop();
  const auto made = output.player->fill({static_cast<std::int16_t*>(out), static_cast<std::size_t>(frames)});
  return static_cast<long>(
      made);  // fewer than asked for: the last ones, on_state() tells when they are heard
}

void RingerOutputs::Output::on_state(cubeb_stream*, void* self, cubeb_state state) {
  auto& output = *static_cast<Output*>(self);
  if (state != CUBEB_STATE_ERROR && state != CUBEB_STATE_DRAINED) return;
  output.state.store(state == CUBEB_STATE_ERROR ? State::failed : State::drained);
  output.changed.release();
}

RingerOutputs::RingerOutputs(Told told, std::shared_ptr<const ToneVolume> volume)
    : shared_(std::make_shared<Shared>()) {
  shared_->told = std::move(told);
  shared_->volume = std::move(volume);
}

RingerOutputs::~RingerOutputs() {
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) play(slot, 0, {}, false);
  std::unique_lock lock(shared_->mutex);
  shared_->ended = true;
  shared_->one_less.wait_for(lock, closing_patience, [this] { return shared_->running == 0; });
}

void RingerOutputs::play(std::size_t slot, std::uint64_t order, const std::vector<Place>& places, bool once) {
  if (slots_.size() <= slot) slots_.resize(slot + 1);
  for (const auto& output : slots_[slot]) {
    output->stopped.store(true);
    output->changed.release();
  }
  slots_[slot].clear();
  for (const auto& place : places) {
    {
      const std::lock_guard lock(shared_->mutex);
      if (shared_->running >= outputs_max) {
        shared_->told.failed(order, place.device,
                             {Fault::timeout, Layer::device, "the sound system does not answer", {}});
        continue;
      }
      ++shared_->running;
    }
    auto output = std::make_shared<Output>();
    output->order = order;
    output->place = place;
    output->once = once;
    slots_[slot].push_back(output);
    std::thread([shared = shared_, output] { run(shared, output); }).detach();
  }
}

void RingerOutputs::run(const std::shared_ptr<Shared>& shared, const std::shared_ptr<Output>& output) {
  auto sounded = output->sound(
      [&](Error error) { shared->tell([&](const Told& told) { told.complaint(std::move(error)); }); },
      shared->volume);
  if (!output->stopped.load())
    shared->tell([&](const Told& told) {
      if (!sounded)
        told.failed(output->order, output->place.device, std::move(sounded.error()));
      else
        told.ended(output->order);
    });
  const std::lock_guard lock(shared->mutex);
  --shared->running;
  shared->one_less.notify_all();
}

}  // namespace sidetone::media
