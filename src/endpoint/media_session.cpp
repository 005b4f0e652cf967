#include "endpoint/media_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "endpoint/media_keys.h"
#include "endpoint/media_session_plan.h"
#include "endpoint/offered_lines.h"
#include "sdp/payload_numbers.h"

namespace sidetone::endpoint {
namespace {

// Forks that have answered early; a hunt group rings some, a hostile peer must not fill memory.
constexpr std::size_t branches_max = 16;
// RFC 3264 §5: ids must be representable with 64 bits and a sign.
constexpr std::uint64_t session_id_mask = 0x7fff'ffff'ffff'ffff;

bool lists_comfort_noise(const sdp::MediaDescription& media) {
  return std::find(media.formats.begin(), media.formats.end(), "13") != media.formats.end();
}

// RFC 4568 §7.1.2: the answer's key must be another one. Our description that comes back is no peer's.
bool mirrors_our_key(const Exchange& exchange) {
  const auto& crypto = exchange.audio->crypto;
  return crypto && !exchange.nowhere && crypto->ours.keys.front().key == crypto->theirs.keys.front().key;
}

bool same_peer_keys(const Exchange& a, const Exchange& b) {
  return a.audio && b.audio && a.audio->crypto && b.audio->crypto &&
         a.audio->crypto->theirs.keys == b.audio->crypto->theirs.keys;
}

}  // namespace

struct MediaSession::Impl {
  struct Early {
    std::uint64_t branch = 0;
    Exchange exchange;
    bool heard = true;
  };
  struct Offer {
    sdp::SessionDescription description;
    std::vector<sdp::OfferedLine> lines;
    bool hold = false;
    bool renews = false;  // the keys
    MediaTransport transport;
    std::vector<Early> early;  // the latest last; those that are not heard before the others
  };

  MediaSettings settings;
  std::optional<MediaTransport> transport;
  std::optional<MediaTransport> described;  // in the description that is in force
  bool hold_wanted = false, send_allowed = false;
  bool renewal_wanted = false;  // of the keys

  sdp::PayloadNumbers numbers;
  std::vector<sdp::MediaDescription> slots;  // every m-line that this call has had, as refused ones
  std::string last_text;                     // what the peer has seen last from us, with its version
  std::uint64_t version = 0;

  std::optional<Offer> pending;
  std::optional<Exchange> in_force;
  std::optional<codec::MediaPlan> last_plan;  // of the last exchange that had audio

  [[nodiscard]] sdp::LocalAudio local_audio(const IpAddress& ip) const;
  [[nodiscard]] sdp::LocalAudio offered_audio();
  [[nodiscard]] std::vector<sdp::CryptoAttribute> offered_crypto(bool solicited);
  [[nodiscard]] bool has_moved() const { return described && described != transport; }
  [[nodiscard]] std::optional<sdp::OfferedLine> line_in_use() const;
  [[nodiscard]] std::string sent(sdp::SessionDescription& description);
  void keep_slots(const sdp::SessionDescription& local);
  void learn_numbers(const sdp::MediaDescription& offered, const sdp::AudioMatch& match);
  [[nodiscard]] bool is_nowhere(const sdp::RemoteAudio& remote) const;
  Expected<Exchange> matched(std::string_view answer) const;
  void put_in_force(Exchange exchange, const MediaTransport& at);
  [[nodiscard]] const Exchange* current() const;
};

sdp::LocalAudio MediaSession::Impl::local_audio(const IpAddress& ip) const {
  sdp::LocalAudio local;
  local.ip = ip;
  if (transport) {
    local.rtp_port = transport->rtp_port;
    local.rtcp_port = transport->rtcp_port;
  }
  local.codecs = speech_formats(settings.enabled, settings.leave_out_silence);
  if (settings.leave_out_silence) local.noise = noise_formats(settings.enabled);
  local.events = event_formats(settings.enabled);
  // RFC 6337 §5.3: hold is our desired state in every offer and answer until it is reset. It says sendonly
  // also to a peer that holds us: the peer's answer makes it inactive, and its retrieve leads back to ours.
  local.direction = hold_wanted ? sdp::Direction::sendonly : sdp::Direction::sendrecv;
  local.ptime = settings.ptime;
  local.by_offer_order = settings.answer_by_offer_order;
  local.answer_fmtp = answer_fmtp;
  local.extended_reports = settings.extended_reports;
  if (takes_secured(settings.srtp.policy)) local.suites = settings.srtp.suites;
  local.takes_plain = takes_plain(settings.srtp.policy);
  return local;
}

sdp::LocalAudio MediaSession::Impl::offered_audio() {
  auto local = local_audio(transport->ip);
  for (auto& format : local.codecs) format.payload_type = numbers.number_for(format);
  for (auto& format : local.noise) format.payload_type = numbers.number_for(format);
  for (auto& format : local.events) format.payload_type = numbers.number_for(format);
  // RFC 5761 §5.1.1: a re-offer without the attribute would end the sharing of the port.
  local.rtcp_mux = in_force && in_force->audio && in_force->audio->rtcp_mux;
  // ... and one without RED would end that, which nobody asked for.
  if (in_force && in_force->audio && in_force->audio->redundancy) {
    local.redundancy = in_force->audio->redundancy->ours;
    local.redundancy->payload_type = numbers.number_for(*local.redundancy);
  }
  return local;
}

std::vector<sdp::CryptoAttribute> MediaSession::Impl::offered_crypto(bool solicited) {
  ST_ASSERT(settings.random != nullptr);
  const auto in_use = line_in_use();
  if (in_use && in_use->secured && !solicited)
    return {next_crypto(*in_force->audio->crypto, has_moved() || renewal_wanted, *settings.random)};
  return first_crypto(settings.srtp, *settings.random);
}

std::optional<sdp::OfferedLine> MediaSession::Impl::line_in_use() const {
  if (!in_force || !in_force->audio) return std::nullopt;
  return sdp::OfferedLine{in_force->audio->line, in_force->audio->crypto.has_value()};
}

// RFC 3264 §8: the version grows by one when the description differs from the one sent before, also from
// one that the peer refused: a number must never stand for two descriptions.
std::string MediaSession::Impl::sent(sdp::SessionDescription& description) {
  description.origin.user = settings.origin_user;
  description.origin.session_id = settings.session_id & session_id_mask;
  description.name = settings.session_name;
  description.origin.version = version;
  auto text = description.write();
  if (text != last_text) {
    description.origin.version = ++version;
    text = description.write();
    last_text = text;
  }
  return text;
}

void MediaSession::Impl::keep_slots(const sdp::SessionDescription& local) {
  // RFC 3264 §8: lines never go away; those that a peer forgot stay as refused ones.
  if (slots.size() < local.media.size()) slots.resize(local.media.size());
  for (std::size_t i = 0; i < local.media.size(); ++i) slots[i] = sdp::refused(local.media[i]);
}

void MediaSession::Impl::learn_numbers(const sdp::MediaDescription& offered, const sdp::AudioMatch& match) {
  for (const auto& format : sdp::rtp_formats(offered)) numbers.learn(format);
  numbers.learn(match.codec.ours);  // again: of two numbers for one codec, the answered one is ours
  if (match.events) numbers.learn(match.events->ours);
  if (match.noise) numbers.learn(match.noise->ours);
}

// Third-party call control echoes our own description when the other leg failed: that is no peer.
bool MediaSession::Impl::is_nowhere(const sdp::RemoteAudio& remote) const {
  return remote.nowhere || (transport && remote.rtp == Address{transport->ip, transport->rtp_port});
}

Expected<Exchange> MediaSession::Impl::matched(std::string_view answer) const {
  if (!pending) return fail(Layer::sdp, Fault::state, "an answer without an offer");
  const auto description = sdp::SessionDescription::parse(answer);
  if (!description) return tl::make_unexpected(description.error());
  auto match = sdp::match_answer(pending->description, *description, pending->lines);
  if (!match) return tl::make_unexpected(std::move(match.error()));
  if (!*match && !in_force) return fail(Layer::sdp, Fault::unsupported, "the answer refuses the audio");
  Exchange exchange;
  exchange.hold = pending->hold;
  exchange.audio = std::move(*match);
  if (!exchange.audio) return exchange;
  exchange.announced = sdp::rtp_formats(pending->description.media[exchange.audio->line]);
  exchange.comfort_noise = lists_comfort_noise(description->media[exchange.audio->line]);
  exchange.nowhere = is_nowhere(exchange.audio->remote);
  if (mirrors_our_key(exchange))
    return fail(Layer::sdp, Fault::unsupported, "the answer's a=crypto has our own key");
  return exchange;
}

void MediaSession::Impl::put_in_force(Exchange exchange, const MediaTransport& at) {
  if (!in_force || !same_peer_keys(*in_force, exchange)) renewal_wanted = false;
  described = at;
  if (auto plan = negotiated_plan(exchange, settings.ptime)) last_plan = std::move(plan);
  in_force = std::move(exchange);
}

const Exchange* MediaSession::Impl::current() const {
  if (in_force) return &*in_force;
  return pending && !pending->early.empty() ? &pending->early.back().exchange : nullptr;
}

MediaSession::MediaSession(MediaSettings settings) : impl_(std::make_unique<Impl>()) {
  impl_->settings = std::move(settings);
}
MediaSession::~MediaSession() = default;

void MediaSession::set_transport(MediaTransport transport) { impl_->transport = transport; }
const std::optional<MediaTransport>& MediaSession::transport() const { return impl_->transport; }
bool MediaSession::has_transport() const { return impl_->transport.has_value(); }
bool MediaSession::is_at(const IpAddress& ip) const { return impl_->transport && impl_->transport->ip == ip; }
const IpAddress& MediaSession::ip() const {
  ST_ASSERT(impl_->transport);
  return impl_->transport->ip;
}
bool MediaSession::has_moved() const { return impl_->has_moved(); }
bool MediaSession::has_spare_line() const {
  return impl_->in_force && impl_->in_force->audio && impl_->in_force->audio->others_accepted;
}
void MediaSession::renew_keys() { impl_->renewal_wanted = true; }
bool MediaSession::wants_new_keys() const {
  const auto in_use = impl_->line_in_use();
  return impl_->renewal_wanted && in_use && in_use->secured;
}
void MediaSession::set_hold(bool wanted) { impl_->hold_wanted = wanted; }
void MediaSession::allow_send(bool allowed) { impl_->send_allowed = allowed; }

std::string MediaSession::make_offer(bool solicited) {
  ST_ASSERT(impl_->transport);
  Impl::Offer offer;
  offer.lines = offered_lines(impl_->settings.srtp.policy, impl_->slots, impl_->line_in_use(), solicited);
  offer.hold = impl_->hold_wanted;
  offer.renews = impl_->renewal_wanted;
  offer.transport = *impl_->transport;
  auto audio = impl_->offered_audio();
  if (offer.lines.front().secured)
    audio.crypto = impl_->offered_crypto(solicited);  // the secured one is first
  offer.description = sdp::make_offer(audio, impl_->slots, offer.lines);
  auto text = impl_->sent(offer.description);
  impl_->pending = std::move(offer);
  return text;
}

Expected<void> MediaSession::take_early_answer(std::uint64_t branch, std::string_view answer, bool heard) {
  auto exchange = impl_->matched(answer);
  if (!exchange) return tl::make_unexpected(std::move(exchange.error()));
  auto& early = impl_->pending->early;
  std::erase_if(early, [&](const Impl::Early& e) { return e.branch == branch; });
  if (early.size() >= branches_max)
    return fail(Layer::sdp, Fault::limit, fmt::format("more than {} early dialogs", branches_max));
  const auto place =
      heard ? early.end()
            : std::find_if(early.begin(), early.end(), [](const Impl::Early& e) { return e.heard; });
  early.insert(place, {branch, std::move(*exchange), heard});
  return {};
}

Expected<void> MediaSession::take_answer(std::string_view answer) {
  auto exchange = impl_->matched(answer);
  if (exchange) impl_->keep_slots(impl_->pending->description);
  const auto offer = std::exchange(impl_->pending, std::nullopt);
  if (offer && offer->renews) impl_->renewal_wanted = false;
  if (!exchange) return tl::make_unexpected(std::move(exchange.error()));
  impl_->put_in_force(std::move(*exchange), offer->transport);
  return {};
}

Expected<void> MediaSession::commit_branch(std::uint64_t branch) {
  if (!impl_->pending) return fail(Layer::sdp, Fault::state, "an answer without an offer");
  auto& early = impl_->pending->early;
  const auto found =
      std::find_if(early.begin(), early.end(), [&](const Impl::Early& e) { return e.branch == branch; });
  const bool known = found != early.end();
  auto exchange = known ? std::move(found->exchange) : Exchange{};
  if (known) impl_->keep_slots(impl_->pending->description);
  const auto transport = std::exchange(impl_->pending, std::nullopt)->transport;
  if (!known) return fail(Layer::sdp, Fault::state, "the 2xx has no description, and none came before it");
  impl_->put_in_force(std::move(exchange), transport);
  return {};
}

void MediaSession::rollback() { impl_->pending.reset(); }
bool MediaSession::offer_pending() const { return impl_->pending.has_value(); }

// RFC 3264 §5: an offer without any m-line promises streams for later, as third-party call control does
// (RFC 3725 §4.4). One whose lines all have port 0 has "no useful semantics" (§5.1).
Expected<void> MediaSession::check_first_offer(std::string_view offer, const IpAddress& ip) const {
  const auto description = sdp::SessionDescription::parse(offer);
  if (!description) return tl::make_unexpected(description.error());
  if (!description->media.empty() && !sdp::offers_anything(*description))
    return fail(Layer::sdp, Fault::unsupported, "the offer switches all of its streams off",
                "the caller must offer audio with a port");
  auto answered = sdp::make_answer(*description, impl_->local_audio(ip), std::nullopt);
  if (!answered) return tl::make_unexpected(std::move(answered.error()));
  return {};
}

Expected<std::string> MediaSession::answer(std::string_view offer) {
  ST_ASSERT(impl_->transport);
  const auto description = sdp::SessionDescription::parse(offer);
  if (!description) return tl::make_unexpected(description.error());
  if (impl_->pending) return fail(Layer::sdp, Fault::state, "an offer of our own waits for its answer");
  auto local = impl_->local_audio(impl_->transport->ip);
  local.answer_keys = [this](const sdp::CryptoAttribute& theirs, const sdp::RemoteAudio& remote) {
    ST_ASSERT(impl_->settings.random != nullptr);
    return answer_keys(impl_->in_force ? impl_->in_force->audio : std::nullopt, impl_->has_moved(), theirs,
                       remote, *impl_->settings.random);
  };
  const auto in_use = impl_->line_in_use();
  auto answered = sdp::make_answer(*description, local, in_use ? std::optional(in_use->index) : std::nullopt);
  if (!answered) return tl::make_unexpected(std::move(answered.error()));
  Exchange exchange;
  exchange.hold = impl_->hold_wanted;
  exchange.audio = std::move(answered->audio);
  if (exchange.audio) {
    const auto& offered = description->media[exchange.audio->line];
    impl_->learn_numbers(offered, *exchange.audio);
    exchange.announced = {exchange.audio->codec.ours};
    if (exchange.audio->noise) exchange.announced.push_back(exchange.audio->noise->ours);
    exchange.comfort_noise = lists_comfort_noise(offered);
    exchange.nowhere = impl_->is_nowhere(exchange.audio->remote);
  }
  impl_->keep_slots(answered->description);
  auto text = impl_->sent(answered->description);
  impl_->put_in_force(std::move(exchange), *impl_->transport);
  return text;
}

bool MediaSession::established() const { return impl_->in_force.has_value(); }

bool MediaSession::held_by_us() const {
  const auto* exchange = impl_->current();
  return exchange && exchange->hold;
}

bool MediaSession::held_by_peer() const {
  const auto* exchange = impl_->current();
  if (!exchange || !exchange->audio) return false;
  return exchange->nowhere || !receives(exchange->audio->remote.direction);
}

std::optional<codec::MediaPlan> MediaSession::plan() const {
  const auto* exchange = impl_->current();
  if (!exchange) return std::nullopt;
  auto plan = exchange == (impl_->in_force ? &*impl_->in_force : nullptr)
                  ? impl_->last_plan
                  : negotiated_plan(*exchange, impl_->settings.ptime);
  if (!plan) return std::nullopt;
  if (!exchange->audio) {  // the stream is gone, the call is not: silence, both ways
    plan->send = plan->send_music = plan->receive = false;
    plan->remote_rtp = plan->remote_rtcp = {};
  }
  // The microphone obeys intent at once, not only when the peer has agreed (RFC 3264 §8.4: mute locally).
  if (!impl_->send_allowed || impl_->hold_wanted) plan->send = false;
  if (!impl_->settings.hold_music || !impl_->hold_wanted) plan->send_music = false;
  return plan;
}

}  // namespace sidetone::endpoint
