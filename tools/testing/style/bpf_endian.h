/* SPDX-License-Identifier: GPL-2.0 */
/*
 * In place of libbpf's header of that name, whose macros have no types, when
 * sparse looks at the byte order in the probe.
 */
#ifndef __BPF_ENDIAN__
#define __BPF_ENDIAN__

#include <linux/types.h>

#define WIRE(type)	(__attribute__((force)) type)

static inline __be16 bpf_htons(__u16 value) { return WIRE(__be16)__builtin_bswap16(value); }
static inline __be32 bpf_htonl(__u32 value) { return WIRE(__be32)__builtin_bswap32(value); }
static inline __be64 bpf_cpu_to_be64(__u64 value) { return WIRE(__be64)__builtin_bswap64(value); }
static inline __u16 bpf_ntohs(__be16 value) { return __builtin_bswap16(WIRE(__u16)value); }
static inline __u32 bpf_ntohl(__be32 value) { return __builtin_bswap32(WIRE(__u32)value); }
static inline __u64 bpf_be64_to_cpu(__be64 value) { return __builtin_bswap64(WIRE(__u64)value); }

#endif /* __BPF_ENDIAN__ */
