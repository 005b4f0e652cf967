// Accepts TCP connections and sees each through its handshake. Strangers can open as many as they like, so
// their number is bounded, in all and per address, and so is the time that each may take.
#pragma once

#include <memory>

#include "net/tls_profile.h"

namespace sidetone::net {

[[nodiscard]] Expected<std::unique_ptr<StreamListener>> listen_tls(std::shared_ptr<TlsProfileState> profile,
                                                                   const Address& local,
                                                                   StreamListener::OnAccept on_accept,
                                                                   TlsProfile::OnRefused on_refused,
                                                                   int dscp);

}  // namespace sidetone::net
