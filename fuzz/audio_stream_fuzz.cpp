// Packets of a hostile peer through the whole path of a call: source checks, SRTP, RED, telephone-events, the
// real jitter buffer and decoders, receive gain, detection of digits, tap and statistics, while the call
// changes its plan, keys, ports and conference. Whatever comes, no check of the media library may fail. The
// input is a list of [kind, step, length, bytes]; headers are made valid often enough that most get past our
// own checks.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "media/call_audio.h"
#include "media/frame_tap.h"
#include "media/g729_module.h"
#include "media/mixer.h"
#include "rtp/packet.h"
#include "rtp/srtp_session.h"

using namespace sidetone;
using namespace std::chrono_literals;

namespace {

using Bytes = std::vector<std::uint8_t>;
using codec::AudioCodec;

const Address peer{IpAddress::loopback_v4(), 4000};
constexpr std::uint8_t redundancy = 63;
constexpr std::array codecs{AudioCodec::pcmu,   AudioCodec::pcma, AudioCodec::g722,
                            AudioCodec::opus,   AudioCodec::ilbc, AudioCodec::isac16,
                            AudioCodec::isac32, AudioCodec::g729, AudioCodec::comfort_noise};
constexpr std::array<std::uint8_t, 13> payload_types{0,   8,   9,  120, 13,  101,       102,
                                                     103, 104, 18, 105, 106, redundancy};

codec::AudioFormat format(AudioCodec codec, int renumbered = 0) {
  codec::AudioFormat out;
  out.codec = codec;
  out.payload_type = static_cast<std::uint8_t>(codec::catalogue(codec).default_payload_type);
  // Dynamic numbers may come to mean something else (RFC 3264 §8.3.2).
  if (out.payload_type >= 96)
    out.payload_type = static_cast<std::uint8_t>(out.payload_type ^ (renumbered & 7));
  return out;
}

// One of the plans that descriptions could lead to; number 0 has everything.
codec::MediaPlan plan(std::uint8_t number, bool sends) {
  codec::MediaPlan plan;
  plan.receive = (number & 0x40) == 0;
  plan.send = sends && (number & 0x20) == 0;
  plan.remote_rtp = peer;
  plan.remote_rtcp = {peer.ip, static_cast<std::uint16_t>(peer.port + 1)};
  plan.rtcp_mux = (number & 0x80) != 0;
  for (const auto codec : codecs)
    if (number < 0x10 || (number + static_cast<int>(codec)) % 3 != 0)
      plan.receive_formats.push_back(format(codec, number));
  for (const auto& [payload_type, clock_hz] : {std::pair{105, 16000}, std::pair{106, 32000}}) {
    auto noise = format(AudioCodec::comfort_noise);
    noise.payload_type = static_cast<std::uint8_t>(payload_type);
    noise.rtp_clock_hz = clock_hz;
    plan.receive_formats.push_back(noise);
  }
  plan.send_format = format(codecs[number % (codecs.size() - 1)]);
  if ((number & 1) != 0) plan.send_noise = format(AudioCodec::comfort_noise);
  if ((number & 2) == 0) plan.receive_events = plan.send_events = format(AudioCodec::telephone_event);
  if ((number & 4) == 0) plan.receive_redundancy = plan.send_redundancy = redundancy;
  plan.extended_reports = true;
  plan.inactivity_max = 5s;
  return plan;
}

SrtpPlan keys(unsigned number, bool reversed) {
  SrtpPlan plan;
  plan.suite = srtp_suites[number % srtp_suites.size()];
  plan.encrypt_rtcp = (number & 1) == 0;
  const auto key = [&](unsigned fill) {
    SrtpKeyBytes bytes(srtp_key_size(plan.suite));
    std::fill_n(bytes.data(), bytes.size(), static_cast<std::uint8_t>(fill));
    SrtpMasterKey key{Secret(bytes)};
    if (number % 3 == 2) key.mki = fill, key.mki_length = static_cast<std::uint8_t>(1 + number % 4);
    return key;
  };
  plan.send = key(2 * number + (reversed ? 1 : 0));
  plan.receive = {key(2 * number + (reversed ? 0 : 1))};
  return plan;
}

// What the peer has sent, exactly as long as it is: the sanitizer sees a byte too many.
class PeerPort : public PacketPort {
 public:
  void put(const Bytes& bytes, bool rtcp, const Address& from) {
    auto exact = std::make_unique<std::uint8_t[]>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), exact.get());
    waiting_.push_back({{exact.get(), bytes.size()}, from, rtcp});
    held_.push_back(std::move(exact));
  }
  std::uint16_t rtp_port() const override { return 5000; }
  std::array<int, 2> descriptors() const override { return {-1, -1}; }
  std::span<const PacketIn> receive(PacketBatch&, ReadablePorts) override {
    given_.assign(waiting_.begin(), waiting_.end());
    waiting_.clear();
    std::swap(held_, held_before_);
    held_.clear();
    return given_;
  }
  void send(std::span<const PacketOut> packets) override {
    for (const auto& packet : packets) ST_ASSERT(!packet.bytes.empty() && packet.bytes.size() <= 1500);
  }
  std::uint64_t send_failures() const override { return 0; }

 private:
  std::vector<PacketIn> waiting_, given_;
  std::vector<std::unique_ptr<std::uint8_t[]>> held_, held_before_;
};

// Loaded once: the module itself is not what is tried.
const std::shared_ptr<const media::G729Module>& g729() {
  static const auto module = *media::G729Module::load();
  return module;
}

media::StreamSettings settings(std::size_t way) {
  media::StreamSettings settings;
  settings.ssrc = settings.first_sequence = 1;
  settings.cname = "fuzz";
  settings.g729 = g729();
  settings.level_received = (way & 1) != 0;
  return settings;
}

class Run {
 public:
  explicit Run(std::size_t way) : secured_((way & 2) != 0), sends_((way & 4) != 0) {
    auto port = std::make_unique<PeerPort>();
    port_ = port.get();
    call_ = std::make_unique<media::CallAudio>(media::MediaId{1}, std::move(port), settings(way));
    call_->use_tap(tap_);
    use_plan(0);
    for (std::size_t i = 0; i < tone_.size(); ++i)
      tone_[i] = static_cast<std::int16_t>(8000 * std::sin(static_cast<double>(i) * 0.13));
  }

  void step(std::uint8_t kind, std::uint8_t step, Bytes bytes) {
    if ((kind & 0x80) == 0)
      send_media(kind, step, std::move(bytes));
    else
      act(kind, std::move(bytes));
    for (int ticks = step >> 5; ticks > 0; --ticks) tick();
  }

  void end() {
    for (int i = 0; i < 5; ++i) tick();
    const auto statistics = call_->statistics({});
    ST_ASSERT(statistics.mos >= 0 && statistics.mos <= 5);
    ST_ASSERT(statistics.loss_rate >= 0 && statistics.loss_rate <= 1);
    ST_ASSERT(statistics.discard_rate >= 0 && statistics.discard_rate <= 1);
    call_->close(now_);
  }

 private:
  void send_media(std::uint8_t kind, std::uint8_t step, Bytes bytes) {
    header_.payload_type = payload_types[(kind & 0x0f) % payload_types.size()];
    header_.marker = (kind & 0x10) != 0;
    header_.sequence = static_cast<std::uint16_t>(header_.sequence + (step & 7));
    header_.timestamp += (kind & 0x40) != 0 ? static_cast<std::uint32_t>(step) << 24 : 160u * (step & 7u);
    header_.ssrc += (kind & 0x20) != 0 ? 1 : 0;
    bytes.insert(bytes.begin(), rtp::header_size, 0);
    static_cast<void>(rtp::write_header(header_, bytes));
    deliver(std::move(bytes), false, true);
  }

  void act(std::uint8_t kind, Bytes bytes) {
    const std::uint8_t what = bytes.empty() ? 0 : bytes[0];
    switch (kind & 0x0f) {
      case 1: return use_plan(what);
      case 2:
        static_cast<void>(
            call_->stream().send_dtmf("1#", 40ms * (what & 7), 40ms,
                                      (what & 8) != 0 ? media::DigitWay::tones : media::DigitWay::events));
        return;
      case 3: return call_->set_muted((what & 1) != 0);
      case 4: damage_ = what; return;
      case 5: return call_->enter(rooms_.enter(what & 1));
      case 6: ++key_; return use_plan(plan_);
      case 7: now_ += 1s * what; return;
      case 8: return move();
      case 9:
        call_->use_feedback((what & 1) != 0);
        return call_->sound_digit("0123456789*#ABCD"[what & 15], 100ms);
      case 10: header_.ssrc = 1; return;  // ours: RFC 3550 §8.2
      default: deliver(std::move(bytes), (kind & 0x10) != 0, (kind & 0x20) != 0);
    }
  }

  void use_plan(std::uint8_t number) {
    plan_ = number;
    auto wanted = plan(number, sends_);
    if (secured_) {
      wanted.srtp = keys(key_ % 100, true);
      peer_.apply(keys(key_ % 100, false), now_);
    }
    call_->use_plan(++order_, wanted, now_);
  }

  void move() {
    auto port = std::make_unique<PeerPort>();
    port_ = port.get();
    call_->move(std::move(port));
  }

  void deliver(Bytes bytes, bool rtcp, bool sealed) {
    if (secured_ && sealed) {
      auto size = bytes.size();
      bytes.resize(size + 64);
      if (!peer_.protect(bytes, size, rtcp)) return;
      bytes.resize(size);
    }
    if (const auto change = std::exchange(damage_, 0); change != 0 && !bytes.empty()) {
      if ((change & 1) != 0)
        bytes[change * 7u % bytes.size()] ^= change;
      else
        bytes.resize(change % bytes.size());
    }
    port_->put(bytes, rtcp, peer);
    call_->receive(batch_, now_);
  }

  void tick() {
    speaker_.clear();
    rooms_.clear();
    call_->hear(speaker_, now_);
    call_->say(sends_ ? tone_ : silence_, now_);
    while (call_->stream().poll_event()) {
    }
    if ((++ticks_ & 3) != 0) tap_->take(said_, heard_);  // a reader that is a little too slow
    now_ += 10ms;
  }

  bool secured_, sends_;
  Time now_{1s};
  PeerPort* port_ = nullptr;
  std::shared_ptr<media::FrameTap> tap_ = std::make_shared<media::FrameTap>(4);
  std::unique_ptr<media::CallAudio> call_;
  rtp::SrtpSession peer_;
  PacketBatch batch_;
  rtp::Header header_{false, 0, 100, 1000, 7};
  std::uint8_t damage_ = 0, plan_ = 0;
  unsigned key_ = 0, ticks_ = 0;
  std::uint64_t order_ = 0;
  media::Mixer speaker_;
  media::Rooms rooms_;
  media::Frame tone_{}, said_{}, heard_{};
  static constexpr media::Frame silence_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::span rest(data + 1, size - 1);
  Run run(data[0]);
  for (int packets = 0; rest.size() >= 3 && packets < 100; ++packets) {
    const auto kind = rest[0], step = rest[1];
    // Lengths up to 1278; those of the codecs' frames (10, 12, 20, 38, 50) are among them.
    const auto length = std::min<std::size_t>(rest.size() - 3, std::size_t{rest[2]} * 5 + ((step >> 3) & 3));
    run.step(kind, step, Bytes(rest.begin() + 3, rest.begin() + 3 + static_cast<std::ptrdiff_t>(length)));
    rest = rest.subspan(3 + length);
  }
  run.end();
  return 0;
}
