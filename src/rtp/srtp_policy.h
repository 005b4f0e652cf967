// A suite and its keys as libsrtp2 wants them: for the two contexts beside it only.
#pragma once

#include <srtp2/srtp.h>

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "base/srtp.h"

namespace sidetone::rtp {

struct SrtpContextDeleter {
  void operator()(srtp_ctx_t* context) const { srtp_dealloc(context); }
};
using SrtpContext = std::unique_ptr<srtp_ctx_t, SrtpContextDeleter>;

// The MKI as it stands in packets: big-endian, in so many bytes (RFC 4568 §6.1).
[[nodiscard]] std::vector<std::uint8_t> mki_bytes(const SrtpMasterKey& key);

// Null: a key has not the length of the suite, or the library cannot.
[[nodiscard]] SrtpContext make_srtp_context(SrtpSuite suite, std::span<const SrtpMasterKey> keys,
                                            bool encrypt_rtcp, std::uint32_t window, srtp_ssrc_type_t side);

}  // namespace sidetone::rtp
