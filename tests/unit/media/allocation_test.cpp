// Our own code neither allocates nor locks in the 10 ms tick: operator new and pthread_mutex_lock are trapped
// while streams talk, except within a LibraryScope, where WebRTC and the codecs do what they do.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <new>
#include <utility>

#include "media/audio_stream.h"
#include "media/call_audio.h"
#include "media/device/device_exchange.h"
#include "media/g729_module.h"
#include "media/library_scope.h"
#include "media/local_tones.h"
#include "media/mixer.h"
#include "media/sound_source.h"
#include "media/tone_sound.h"
#include "media/voice_processing.h"

#if defined(__GNUC__) && !defined(__clang__)
// Both sides are replaced below; the inlined halves look like a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

namespace {

thread_local bool trap = false;
std::atomic<int> trapped{0}, locked{0};

void* allocate(std::size_t size) {
  if (trap && !sidetone::media::LibraryScope::inside()) ++trapped;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

void* allocate_aligned(std::size_t size, std::align_val_t alignment) {
  if (trap && !sidetone::media::LibraryScope::inside()) ++trapped;
  const auto to = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(to, (size + to - 1) / to * to)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, std::align_val_t alignment) { return allocate_aligned(size, alignment); }
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate_aligned(size, alignment);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

// The sanitizers have their own.
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__) && !defined(__has_feature)
#define LOCKS_ARE_TRAPPED
extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) {
  using Lock = int (*)(pthread_mutex_t*);
  static const auto real = reinterpret_cast<Lock>(::dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  if (trap && !sidetone::media::LibraryScope::inside()) ++locked;
  return real(mutex);
}
#endif

namespace sidetone::media {
namespace {

using namespace std::chrono_literals;

struct End {
  explicit End(std::uint32_t ssrc) : stream(settings(ssrc)) {}
  static StreamSettings settings(std::uint32_t ssrc) {
    StreamSettings all{ssrc, 1, 2, "allocation@test", *G729Module::load()};
    all.level_received = true;
    return all;
  }
  AudioStream stream;
  Address address;
};

codec::MediaPlan plan_of(codec::AudioCodec codec, const Address& remote) {
  codec::MediaPlan plan;
  plan.send = plan.receive = true;
  plan.remote_rtp = plan.remote_rtcp = remote;
  plan.send_format.codec = codec;
  plan.send_format.payload_type = static_cast<std::uint8_t>(codec::catalogue(codec).default_payload_type);
  plan.send_format.fmtp = "useinbandfec=1;a-parameter-that-is-longer-than-any-small-string=1";
  plan.receive_formats = {plan.send_format};
  if (codec::uses_comfort_noise(codec)) {
    codec::AudioFormat noise{codec::AudioCodec::comfort_noise, 105, {}};
    noise.rtp_clock_hz = codec::catalogue(codec).rtp_clock_hz;
    plan.send_noise = noise;
    plan.receive_formats.push_back(noise);
  }
  plan.send_events = codec::AudioFormat{codec::AudioCodec::telephone_event, 101, {}};
  plan.receive_events = plan.send_events;
  plan.send_redundancy = plan.receive_redundancy = 63;
  plan.extended_reports = true;
  plan.inactivity_max = 1s;
  return plan;
}

// Some are lost, so that redundancy is sent, and some are doubled.
void exchange(End& from, End& to, Time now, int round) {
  for (const auto& packet : from.stream.outgoing()) {
    if (packet.rtcp || round % 22 != 7) to.stream.receive(packet.view(), packet.rtcp, from.address, now);
    if (!packet.rtcp && round % 22 == 9) to.stream.receive(packet.view(), packet.rtcp, from.address, now);
  }
  from.stream.clear_outgoing();
}

void tick(End& end, SoundSource& source, Mixer& mixer, Time now) {
  Frame heard, said;
  end.stream.playout(heard, now);
  mixer.add(heard);
  source.next(said, heard);
  end.stream.capture(said, now);
  end.stream.on_time(now);
  while (end.stream.poll_event()) {
  }
}

class Tick : public testing::TestWithParam<codec::AudioCodec> {};

// Protected by the keys that a plan brings; the SRTP library is inside a LibraryScope as the codecs are.
SrtpPlan srtp(std::uint8_t sends, std::uint8_t receives) {
  const auto key = [](std::uint8_t fill) {
    SrtpKeyBytes bytes(srtp_key_size(SrtpSuite::aes_cm_128_hmac_sha1_80));
    std::fill_n(bytes.data(), bytes.size(), fill);
    return SrtpMasterKey{Secret(bytes)};
  };
  return {SrtpSuite::aes_cm_128_hmac_sha1_80, key(sends), {key(receives)}, true, 0};
}

TEST_P(Tick, NeitherAllocatesNorLocks) {
  End a(1), b(2);
  a.address = *Address::parse("192.0.2.1:4000", 0);
  b.address = *Address::parse("192.0.2.2:4000", 0);
  Time now{1s};
  auto a_plan = plan_of(GetParam(), b.address), b_plan = plan_of(GetParam(), a.address);
  a_plan.srtp = srtp(1, 2);
  b_plan.srtp = srtp(2, 1);
  a.stream.apply(a_plan, now);
  b.stream.apply(b_plan, now);
  const auto tone = make_source(FromTone{440, 480});
  const auto echo = make_source(FromEcho{20ms});
  const auto silence = make_sound_source(
      std::make_shared<const Sound>(Sound{mix_rate_hz, std::vector<std::int16_t>(frame_samples)}), true);
  ASSERT_TRUE(tone && echo);
  Mixer mixer;
  trap = true;
  a.stream.send_dtmf("12", 100ms, 50ms);
  b.stream.send_dtmf("34", 100ms, 50ms, DigitWay::tones);
  for (int i = 0; i < 1500; ++i, now += 10ms) {
    tick(a, i < 700 ? **tone : *silence, mixer, now);
    tick(b, **echo, mixer, now);
    exchange(a, b, now, i);
    exchange(b, a, now, i);
    mixer.clear();
  }
  trap = false;
  EXPECT_EQ(trapped.exchange(0), 0);
  EXPECT_EQ(locked.exchange(0), 0);
  // Of 30 ms at most; from there on silence is left out.
  EXPECT_GT(b.stream.statistics().packets_received, 250u);
  const auto heard = b.stream.statistics();
  EXPECT_GT(heard.frames_normal + heard.frames_noise, 1400u);
}
INSTANTIATE_TEST_SUITE_P(Codecs, Tick,
                         testing::Values(codec::AudioCodec::pcmu, codec::AudioCodec::pcma,
                                         codec::AudioCodec::g722, codec::AudioCodec::opus,
                                         codec::AudioCodec::ilbc, codec::AudioCodec::isac16,
                                         codec::AudioCodec::isac32, codec::AudioCodec::g729),
                         [](const auto& row) {
                           const auto& entry = codec::catalogue(row.param);
                           return std::string(entry.name) + std::to_string(entry.rtp_clock_hz);
                         });

// The device's callback, with every size that was seen, and the media thread's half beside it.
class DeviceCallback : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Rates, DeviceCallback, testing::Values(48000, 44100, 16000, 8000));

TEST_P(DeviceCallback, NeitherAllocatesNorLocks) {
  DeviceExchange exchange;
  ASSERT_TRUE(exchange.open(GetParam()));
  std::vector<std::int16_t> in(4096, 1000), out(4096);
  Frame frame{};
  std::size_t recorded = 0, given = 0;
  trap = true;
  for (int round = 0; round < 200; ++round)
    for (const std::size_t frames : {1u, 120u, 441u, 480u, 1200u}) {
      const bool has_microphone = round % 3 != 0, has_speaker = round % 4 != 0;
      exchange.exchange(has_microphone ? in.data() : nullptr, has_speaker ? out.data() : nullptr, frames);
      given += frames;
      while (exchange.record(frame)) {
        recorded += static_cast<std::size_t>(GetParam() / 100);
        exchange.play(frame);
      }
    }
  exchange.exchange(in.data(), out.data(), in.size());  // more than any ring's reader has room for
  trap = false;
  EXPECT_EQ(trapped.exchange(0), 0);
  EXPECT_EQ(locked.exchange(0), 0);
  EXPECT_GT(recorded + 480, given) << "nothing is lost while it is read";
}

class SilentPort final : public PacketPort {
 public:
  [[nodiscard]] std::uint16_t rtp_port() const override { return 4000; }
  [[nodiscard]] std::array<int, 2> descriptors() const override { return {-1, -1}; }
  std::span<const PacketIn> receive(PacketBatch&, ReadablePorts) override { return {}; }
  void send(std::span<const PacketOut> packets) override { sent += packets.size(); }
  [[nodiscard]] std::uint64_t send_failures() const override { return 0; }
  std::size_t sent = 0;
};

// All that a call may have beside its stream: conference, file, recording, tap, music, processing.
TEST(CallAudio, NeitherAllocatesNorLocks) {
  Sound sound;
  sound.rate_hz = mix_rate_hz;
  sound.samples.assign(20 * frame_samples, 1000);
  const auto shared = std::make_shared<const Sound>(std::move(sound));
  const auto path =
      std::filesystem::temp_directory_path() / ("allocation-" + std::to_string(::getpid()) + ".wav");
  auto recording = Recording::create(path.string(), Recording::Channels::said_and_heard);
  ASSERT_TRUE(recording) << describe(recording.error());
  VoiceProcessing voice;
  voice.apply({.echo_control = true, .noise_suppression = true, .gain_control = true});
  auto port = std::make_unique<SilentPort>();
  const auto& sent = port->sent;
  Rooms rooms;
  CallAudio one(MediaId{1}, std::move(port), {1, 1, 2, "allocation@test"});
  CallAudio two(MediaId{2}, std::make_unique<SilentPort>(), {2, 1, 2, "allocation@test"});
  Time now{1s};
  const auto plan = plan_of(codec::AudioCodec::pcmu, *Address::parse("192.0.2.2:4000", 0));
  for (auto* call : {&one, &two}) {
    call->use_plan(1, plan, now);
    call->enter(rooms.enter(1));
    call->use_music(make_sound_source(shared, true));
  }
  one.use_recording(1, std::move(*recording));
  one.use_tap(std::make_shared<FrameTap>(10));
  one.use_announcement(1, make_sound_source(shared, false));
  auto held = plan;
  held.send = held.receive = false;
  held.send_music = true;
  Mixer speaker;
  Frame microphone{}, played{};
  trap = true;
  for (int i = 0; i < 300; ++i, now += 10ms) {
    if (i == 150) trap = false, two.use_plan(2, held, now), trap = true;  // plans are commands
    microphone.fill(static_cast<std::int16_t>(i));
    voice.capture(microphone);
    speaker.clear();
    rooms.clear();
    for (auto* call : {&one, &two}) call->hear(speaker, now);
    for (auto* call : {&one, &two}) call->say(microphone, now);
    speaker.result(played);
    voice.played(played);
  }
  trap = false;
  EXPECT_EQ(trapped.exchange(0), 0);
  EXPECT_EQ(locked.exchange(0), 0);
  EXPECT_TRUE(one.take_announcement_ended());
  EXPECT_GT(sent, 20U);  // mostly silence, which is left out
  one.use_recording(2, nullptr).reset();
  std::filesystem::remove(path);
}

// A ringer's callback, and tones in the tick: whatever they play, louder or softer, to their end or stopped.
TEST(Tones, NeitherAllocateNorLock) {
  const auto volume = std::make_shared<ToneVolume>();
  const auto player = [&](const TonePattern& pattern, int rate_hz, bool once) {
    return TonePlayer(tone_sound({{}, {}, pattern}, rate_hz, once, {}), once, volume);
  };
  auto ringer = player(ringing_tone(), 44100, false), bell = player(ringing_tone(), 48000, true);
  LocalTones tones;
  tones.use(0, 1, 1, player(call_waiting_tone(), mix_rate_hz, true));
  tones.use(1, 2, 2, player(ringback_tone(), mix_rate_hz, false));
  auto next = std::optional(player(ringing_tone(), mix_rate_hz, true));
  std::vector<std::int16_t> out(4096);
  Mixer mixer;
  int ended = 0;
  trap = true;
  for (int round = 0; round < 1000; ++round) {
    for (const std::size_t frames : {1u, 120u, 441u, 480u, 1200u}) {
      ringer.fill(std::span(out).first(frames));
      bell.fill(std::span(out).first(frames));
    }
    mixer.clear();
    tones.add_to(mixer);
    while (tones.ended()) ++ended;
    if (round % 100 == 50) volume->set_percent(round / 10);
    if (round == 500) ringer.stop();
    if (round == 700) tones.use(1, 3, 3, std::exchange(next, std::nullopt));
  }
  trap = false;
  EXPECT_EQ(trapped.exchange(0), 0);
  EXPECT_EQ(locked.exchange(0), 0);
  EXPECT_EQ(ended, 2);
  EXPECT_TRUE(ringer.finished());
  EXPECT_TRUE(bell.finished());
}

#ifdef LOCKS_ARE_TRAPPED
TEST(Trap, SeesALock) {
  std::mutex mutex;
  trap = true;
  {
    const std::lock_guard lock(mutex);
  }
  {
    const LibraryScope library;
    const std::lock_guard lock(mutex);
  }
  trap = false;
  EXPECT_EQ(locked.exchange(0), 1);
}
#endif

TEST(Trap, SeesAnAllocation) {
  trap = true;
  // The call itself, so that no compiler may leave it out.
  ::operator delete(::operator new(10));
  {
    const LibraryScope library;
    ::operator delete(::operator new(10));
  }
  trap = false;
  EXPECT_EQ(trapped.exchange(0), 1);
}

}  // namespace
}  // namespace sidetone::media
