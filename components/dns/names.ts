/** Names of the layer's objects in the cluster, for those who make them and those who look for them. */
export const LAN_DNS = "lan-dns";
export const PUBLIC_DNS = "public-dns";
