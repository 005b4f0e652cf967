// The media side of a phone with many calls, as it runs in the product: one media thread, real sockets on
// loopback, speech in and out of every call. Another process of the same program is its peer.
//   many_calls CODEC CALLS SECONDS FIRST_PORT PEERS_FIRST_PORT SPEECH.wav|echo [complexity=N] [device]
//   [processing]
// Says what it cost and how well it went in one line of JSON. CPU is that of the whole process, kernel
// included.
#include <fmt/format.h>
#include <time.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"
#include "media/media_thread.h"
#include "net/rtp_io.h"

namespace {

using namespace sidetone;
using namespace std::chrono_literals;
using media::MediaId;

struct Order {
  codec::AudioCodec codec = codec::AudioCodec::pcmu;
  unsigned calls = 0;
  unsigned seconds = 0;
  unsigned first_port = 0, peers_port = 0;
  std::string speech;
  int complexity = 9;
  bool device = false, processing = false;
};

// Connecting, jitter buffers that find their place; and each call of the peer reads its own file.
constexpr std::chrono::milliseconds settling{3000}, settling_for_each{20};

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::size_t private_kb() {
  std::size_t sum = 0;
  if (auto* file = std::fopen("/proc/self/smaps_rollup", "r")) {
    char line[200];
    std::size_t kb = 0;
    while (std::fgets(line, sizeof line, file) != nullptr)
      if (std::sscanf(line, "Private_Clean: %zu", &kb) == 1 ||
          std::sscanf(line, "Private_Dirty: %zu", &kb) == 1)
        sum += kb;
    std::fclose(file);
  }
  return sum;
}

std::optional<codec::AudioCodec> codec_named(std::string_view name) {
  for (const auto codec : {codec::AudioCodec::pcmu, codec::AudioCodec::g722, codec::AudioCodec::opus})
    if (iequals(codec::catalogue(codec).name, name)) return codec;
  return std::nullopt;
}

codec::MediaPlan plan_of(const Order& order, unsigned call) {
  codec::MediaPlan plan;
  plan.send = plan.receive = true;
  plan.remote_rtp = {IpAddress::loopback_v4(), static_cast<std::uint16_t>(order.peers_port + 2 * call)};
  plan.remote_rtcp = {plan.remote_rtp.ip, static_cast<std::uint16_t>(plan.remote_rtp.port + 1)};
  plan.send_format.codec = order.codec;
  plan.send_format.payload_type =
      static_cast<std::uint8_t>(codec::catalogue(order.codec).default_payload_type);
  if (order.codec == codec::AudioCodec::opus) plan.send_format.fmtp = "maxaveragebitrate=32000";
  plan.receive_formats = {plan.send_format};
  return plan;
}

struct Sums {
  std::uint64_t sent = 0, received = 0, concealed = 0;
  std::int64_t lost = 0;
};

Sums sums_of(const media::MediaThread& thread, unsigned calls) {
  Sums sums;
  for (unsigned i = 0; i < calls; ++i) {
    const auto one = thread.statistics(MediaId{i + 1});
    sums.sent += one.packets_sent;
    sums.received += one.packets_received;
    sums.concealed += one.frames_concealed;
    sums.lost += one.packets_lost;
  }
  return sums;
}

int run(const Order& order) {
  NullSink log;
  media::MediaThreadSettings settings;
  settings.cname = "bench@sidetone";
  if (order.processing) settings.voice = {true, true, true};
  media::MediaThread thread(settings, [] {}, log);
  const auto idle_kb = private_kb();
  for (unsigned i = 0; i < order.calls; ++i) {
    const auto port = static_cast<std::uint16_t>(order.first_port + 2 * i);
    auto ports = net::open_rtp_io(IpAddress::loopback_v4(), port, static_cast<std::uint16_t>(port + 1), 0, 0);
    if (!ports) {
      fmt::print(stderr, "{}\n", describe(ports.error()));
      return 1;
    }
    media::StreamSettings stream;
    stream.ssrc = order.first_port * 1000 + i;
    stream.opus_complexity = order.complexity;
    const MediaId id{i + 1};
    thread.open(id, std::move(*ports), stream);
    thread.set_sink(id, order.device ? media::Sink{media::ToSpeaker{}} : media::Sink{media::ToNowhere{}});
    // A microphone costs the calls nothing, so what stands for it should not either: we say what we hear, the
    // peer speaks from its file.
    if (!order.device)
      thread.set_source(id, order.speech == "echo" ? media::Source{media::FromEcho{}}
                                                   : media::Source{media::FromFile{order.speech, true}});
    thread.apply(id, plan_of(order, i));
  }
  if (order.device) thread.set_device({.kind = media::DeviceChoice::Kind::cubeb, .input = {}, .output = {}});
  std::this_thread::sleep_for(settling + order.calls * settling_for_each);

  const auto clock_before = thread.tick_figures();
  const auto before = sums_of(thread, order.calls);
  const auto cpu = cpu_seconds();
  const auto began = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::seconds{order.seconds});
  const double used = cpu_seconds() - cpu;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const auto after = sums_of(thread, order.calls);
  const auto clock = thread.tick_figures();
  fmt::print(
      "{{\"cpu_percent\": {:.4f}, \"sent\": {}, \"received\": {}, \"lost\": {}, \"concealed\": {}, "
      "\"ticks\": {}, \"late_ticks\": {}, \"skipped_ticks\": {}, \"latest_us\": {}, \"device_underruns\": "
      "{}, "
      "\"private_kb\": {}, \"private_kb_empty\": {}}}\n",
      100 * used / took.count(), after.sent - before.sent, after.received - before.received,
      after.lost - before.lost, after.concealed - before.concealed, clock.ticks - clock_before.ticks,
      clock.late - clock_before.late, clock.skipped - clock_before.skipped, clock.latest.count(),
      clock.device_underruns - clock_before.device_underruns, private_kb(), idle_kb);
  std::fflush(stdout);
  std::this_thread::sleep_for(1s);  // the peer measures as long
  return 0;
}

std::optional<Order> read(std::span<char*> arguments) {
  if (arguments.size() < 7) return std::nullopt;
  Order order;
  const auto codec = codec_named(arguments[1]);
  const auto number = [&](std::size_t i) { return parse_number<unsigned>(arguments[i]).value_or(0); };
  if (!codec) return std::nullopt;
  order.codec = *codec;
  order.calls = number(2);
  order.seconds = number(3);
  order.first_port = number(4);
  order.peers_port = number(5);
  order.speech = arguments[6];
  for (const std::string_view option : arguments.subspan(7)) {
    if (option == "device") order.device = true;
    if (option == "processing") order.processing = true;
    if (option.starts_with("complexity="))
      order.complexity = parse_number<int>(option.substr(11)).value_or(9);
  }
  return order;
}

}  // namespace

int main(int argc, char** argv) {
  const auto order = read(std::span(argv, static_cast<std::size_t>(argc)));
  if (!order) {
    fmt::print(stderr, "see the head of bench/call_cost/many_calls.cpp\n");
    return 2;
  }
  return run(*order);
}
