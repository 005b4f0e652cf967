// SRTP and SRTCP of a peer and of strangers: anything as a packet, and our own packets changed, cut, repeated
// and late over changes of key. Nothing that was changed is taken, nothing twice; what is taken is what was
// sent.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "rtp/packet.h"
#include "rtp/srtp_session.h"

using namespace sidetone;
using namespace std::chrono_literals;

namespace {

using Bytes = std::vector<std::uint8_t>;

// Each of them once per run at most: a key that comes back would have its counters anew.
SrtpPlan plan(unsigned number, bool reversed) {
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

struct Script {
  rtp::SrtpSession peer, ours;
  Time now{1s};
  unsigned plans = 0;
  std::uint16_t sequence = 65500;
  Bytes last, last_clear;
  bool last_rtcp = false, last_taken = true;

  void change_keys() {
    if (plans >= 100) return;
    ours.apply(plan(plans, true), now);
    peer.apply(plan(plans, false), now);
    ++plans;
    last.clear();
  }

  void make(std::span<const std::uint8_t> payload, bool rtcp) {
    last_clear.assign(rtp::header_size, 0);
    static_cast<void>(rtp::write_header({false, 0, sequence++, 0, 7}, last_clear));
    if (rtcp) last_clear[1] = 200;
    last_clear.insert(last_clear.end(), payload.begin(), payload.end());
    auto size = last_clear.size();
    last = last_clear;
    last.resize(size + 64);
    last_rtcp = rtcp;
    last_taken = !peer.protect(last, size, rtcp);
    if (last_taken) size = 0;
    last.resize(size);
  }

  void deliver_last() {
    if (last.empty()) return;
    const auto clear = ours.unprotect(last, last_rtcp, now);
    ST_ASSERT(clear.has_value() == !last_taken);
    if (clear) ST_ASSERT(std::equal(clear->begin(), clear->end(), last_clear.begin(), last_clear.end()));
    last_taken = true;
  }

  void deliver_changed(std::size_t at, std::uint8_t change) {
    if (last.empty() || change == 0) return;
    auto changed = last;
    changed[at % changed.size()] ^= change;
    ST_ASSERT(!ours.unprotect(changed, last_rtcp, now));
    changed = last;
    changed.resize(at % changed.size());
    ST_ASSERT(!ours.unprotect(changed, last_rtcp, now));
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::span rest(data, size);
  Script script;
  script.change_keys();
  while (rest.size() >= 2) {
    const auto what = rest[0], length = rest[1];
    rest = rest.subspan(2);
    const auto bytes = rest.first(std::min<std::size_t>(length, rest.size()));
    rest = rest.subspan(bytes.size());
    switch (what % 8) {
      case 0: script.change_keys(); break;
      case 1: script.now += 1s * length; break;
      case 2: script.deliver_changed(length, bytes.empty() ? 1 : bytes[0]); break;
      case 3: ST_ASSERT(!script.ours.unprotect(bytes, (what & 8) != 0, script.now)); break;
      case 4: script.deliver_last(); break;
      default: script.make(bytes, (what & 8) != 0); script.deliver_last();
    }
  }
  return 0;
}
