// Offer and answer (RFC 3264, RFC 6337 §5) for one audio stream, as pure functions over descriptions.
// Further m-lines keep their places and are refused with port 0. The caller owns what lasts longer than one
// exchange: o= line, payload numbers, which slots there are.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "sdp/crypto_match.h"
#include "sdp/remote_audio.h"
#include "sdp/rtp_format.h"
#include "sdp/session_description.h"

namespace sidetone::sdp {

// What an answer says in fmtp: parameters of some formats must be the same on both sides.
using FmtpRule = std::string (*)(const RtpFormat& ours, const RtpFormat& theirs);

struct LocalAudio {
  IpAddress ip;
  std::uint16_t rtp_port = 0, rtcp_port = 0;
  std::vector<RtpFormat> codecs;        // in order of priority
  std::vector<RtpFormat> events;        // telephone-event, one for each clock rate
  std::vector<RtpFormat> noise;         // CN, one for each clock rate; empty: not spoken of
  std::optional<RtpFormat> redundancy;  // RED in an offer; an answer takes what is offered
  bool extended_reports = false;        // an offer asks for VoIP metrics; answers ask when the offer can
  Direction direction = Direction::sendrecv;  // what we want
  std::chrono::milliseconds ptime{20};        // said only when it is not 20, the default of RFC 3551 §4.2
  bool by_offer_order = false;                // whose order rules an answer
  bool rtcp_mux = false;                      // whether an offer asks for it; answers follow the offer
  FmtpRule answer_fmtp = nullptr;             // nullptr: ours as it is
  std::vector<CryptoAttribute> crypto;        // of a secured line of ours, by preference
  std::vector<SrtpSuite> suites;              // that an offer may have; none: no secured line is taken
  bool takes_plain = true;                    // false: secured lines only
  CryptoRule answer_keys;                     // nothing: the answer is not for sending
};

// The same encoding as each side numbered it.
struct AgreedFormat {
  RtpFormat ours, theirs;
};
struct AudioMatch {
  std::size_t line = 0;  // index of the m-line
  AgreedFormat codec;
  std::optional<AgreedFormat> events;
  std::optional<AgreedFormat> noise;       // at the codec's clock
  std::optional<AgreedFormat> redundancy;  // RED around codec or events
  std::optional<AgreedCrypto> crypto;      // none: not secured
  bool rtcp_mux = false;
  bool others_accepted = false;  // an answer took more than this one of the lines that were alternatives
  Direction local = Direction::sendrecv;
  RemoteAudio remote;
};

struct Answer {
  SessionDescription description;   // all but user, ids and name
  std::optional<AudioMatch> audio;  // none: the offer has no line that is to be used
};

// A refused or removed stream: port 0, formats kept, nothing else (RFC 3264 §6, §8.2).
[[nodiscard]] MediaDescription refused(const MediaDescription& media);
[[nodiscard]] bool is_audio_over_rtp(const MediaDescription& media);  // secured or not
[[nodiscard]] bool offers_anything(const SessionDescription& offer);  // a line with a port

// One of the m-lines that an offer has for its audio. Secured and plain audio are two lines with the same
// port: the answer takes one of them (docs/decisions/0013).
struct OfferedLine {
  std::size_t index = 0;
  bool secured = false;
};

// `slots` are the lines that this call has had so far; the audio goes into `lines`, new ones behind the
// slots.
[[nodiscard]] SessionDescription make_offer(const LocalAudio& local, std::span<const MediaDescription> slots,
                                            std::span<const OfferedLine> lines);
[[nodiscard]] SessionDescription make_offer(const LocalAudio& local, std::span<const MediaDescription> slots,
                                            std::size_t line);  // plain

// `preferred` is the line in use so far. Fault::unsupported (488) when lines are offered and none fits.
[[nodiscard]] Expected<Answer> make_answer(const SessionDescription& offer, const LocalAudio& local,
                                           std::optional<std::size_t> preferred = std::nullopt);

// Nothing when the answer refuses the audio. Fault::syntax when its lines are not those of the offer,
// Fault::unsupported when it accepts with nothing that we offered. Of several accepted lines the first
// counts.
[[nodiscard]] Expected<std::optional<AudioMatch>> match_answer(const SessionDescription& offer,
                                                               const SessionDescription& answer,
                                                               std::span<const OfferedLine> lines);
[[nodiscard]] Expected<std::optional<AudioMatch>> match_answer(const SessionDescription& offer,
                                                               const SessionDescription& answer,
                                                               std::size_t line);  // plain

}  // namespace sidetone::sdp
