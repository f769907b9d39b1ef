// The declarations of connect name a type of browsers that those of Node 20 do not have. Not part of what the package declares itself.
type HeadersInit = NonNullable<ConstructorParameters<typeof Headers>[0]>
