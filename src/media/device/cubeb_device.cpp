#include <fmt/format.h>

#include <atomic>

#include "media/device/audio_device.h"
#include "media/device/cubeb_context.h"
#include "media/device/device_exchange.h"

namespace sidetone::media {
namespace {

// Both directions run at one rate. Where the devices agree on one, the sound server need not change it: it
// would do so for each side, at its own expense of delay and quality. Where they do not, or nobody knows, it
// is ours.
int rate_of(const cubeb_device_info* input, const cubeb_device_info* output) {
  int rate_hz = 0;
  for (const auto* device : {input, output}) {
    if (device == nullptr) continue;
    const auto own = static_cast<int>(device->default_rate);
    if (!is_resampler_rate(own) || own > mix_rate_hz || (rate_hz != 0 && own != rate_hz)) return mix_rate_hz;
    rate_hz = own;
  }
  return rate_hz != 0 ? rate_hz : mix_rate_hz;
}

class CubebDevice final : public AudioDevice {
 public:
  explicit CubebDevice(CubebContext context) : context_(std::move(context)) {}
  ~CubebDevice() override;
  Expected<void> start(const DeviceChoice& choice);

  [[nodiscard]] int descriptor() const override { return exchange_.descriptor(); }
  bool record(Frame& frame) override { return exchange_.record(frame); }
  void play(const Frame& frame) override { exchange_.play(frame); }
  [[nodiscard]] std::uint64_t underruns() const override { return exchange_.underruns(); }
  [[nodiscard]] bool has_microphone() const override { return has_microphone_; }
  [[nodiscard]] bool failed() const override { return failed_.load(std::memory_order_relaxed); }

 private:
  static long on_data(cubeb_stream*, void* self, const void* in, void* out, long frames);
  static void on_state(cubeb_stream*, void* self, cubeb_state state);

  CubebContext context_;
  cubeb_stream* stream_ = nullptr;
  DeviceExchange exchange_;
  std::atomic<bool> failed_{false};
  bool has_microphone_ = false;
};

CubebDevice::~CubebDevice() {
  if (stream_ != nullptr) {
    cubeb_stream_stop(stream_);
    cubeb_stream_destroy(stream_);
  }
}

tl::unexpected<Error> no_device(const char* which, const std::string& id) {
  return fail(Layer::device, Fault::not_found, fmt::format("there is no {} device \"{}\"", which, id),
              "sidetone devices lists the ids");
}

Expected<void> CubebDevice::start(const DeviceChoice& choice) {
  const CubebCollection inputs(context_.get(), CUBEB_DEVICE_TYPE_INPUT);
  const CubebCollection outputs(context_.get(), CUBEB_DEVICE_TYPE_OUTPUT);
  const bool takes_input = choice.input_used && (!inputs.known() || inputs.begin() != inputs.end());
  if (!takes_input && !choice.output_used)
    return fail(Layer::device, Fault::not_found, "there is no microphone", "plug one in");
  has_microphone_ = takes_input;
  const auto* input = choice.input.empty() ? nullptr : inputs.find(choice.input);
  const auto* output = choice.output.empty() ? nullptr : outputs.find(choice.output);
  if (!choice.input.empty() && input == nullptr) return no_device("input", choice.input);
  if (!choice.output.empty() && output == nullptr) return no_device("output", choice.output);

  const auto rate_hz = static_cast<std::uint32_t>(
      rate_of(takes_input ? (input != nullptr ? input : inputs.preferred()) : nullptr,
              choice.output_used ? (output != nullptr ? output : outputs.preferred()) : nullptr));
  if (auto opened = exchange_.open(static_cast<int>(rate_hz)); !opened) return opened;
  const auto latency_frames = static_cast<std::uint32_t>(choice.latency.count()) * (rate_hz / 1000);
  cubeb_stream_params params{CUBEB_SAMPLE_S16NE, rate_hz, 1, CUBEB_LAYOUT_MONO, CUBEB_STREAM_PREF_VOICE};
  const int result =
      cubeb_stream_init(context_.get(), &stream_, "call", input != nullptr ? input->devid : nullptr,
                        takes_input ? &params : nullptr, output != nullptr ? output->devid : nullptr,
                        choice.output_used ? &params : nullptr, latency_frames, on_data, on_state, this);
  if (result != CUBEB_OK || cubeb_stream_start(stream_) != CUBEB_OK)
    return fail(Layer::device, Fault::io,
                fmt::format("the sound device does not start (cubeb error {})", result),
                "choose another one: sidetone devices lists them");
  return {};
}

// The device's real-time thread: no lock, no allocation, nothing that waits (the pipe does not block).
long CubebDevice::on_data(cubeb_stream*, void* self, const void* in, void* out, long frames) {
  if (frames > 0)
    static_cast<CubebDevice*>(self)->exchange_.exchange(static_cast<const std::int16_t*>(in),
                                                        static_cast<std::int16_t*>(out),
                                                        static_cast<std::size_t>(frames));
  return frames;
}

void CubebDevice::on_state(cubeb_stream*, void* self, cubeb_state state) {
  if (state == CUBEB_STATE_ERROR)
    static_cast<CubebDevice*>(self)->failed_.store(true, std::memory_order_relaxed);
}

}  // namespace

Expected<std::unique_ptr<AudioDevice>> open_cubeb_device(const DeviceChoice& choice) {
  auto context = open_cubeb();
  if (!context) return tl::make_unexpected(std::move(context.error()));
  auto device = std::make_unique<CubebDevice>(std::move(*context));
  if (auto started = device->start(choice); !started) return tl::make_unexpected(std::move(started.error()));
  return device;
}

}  // namespace sidetone::media
