import { toBinary, type AnyDesc, type DescFile } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt'
import { nestedTypes } from '@bufbuild/protobuf/reflect'

/** Finds the .proto files behind names, and their bytes as reflection hands them out. */
export class DescriptorIndex {
  readonly #files = new Map<string, DescFile>()
  readonly #bySymbol = new Map<string, DescFile>()
  /** Files by `extended message` and number. */
  readonly #byExtension = new Map<string, Map<number, DescFile>>()
  readonly #bytes = new Map<DescFile, Uint8Array>()

  /** Of `files` and all that they import. */
  constructor(files: Iterable<DescFile>) {
    for (const file of files) this.#add(file)
  }

  file(name: string): DescFile | undefined {
    return this.#files.get(name)
  }

  /** The file with that service, method, message, field, enum, value or extension. */
  fileOf(symbol: string): DescFile | undefined {
    return this.#bySymbol.get(symbol)
  }

  fileOfExtension(message: string, number: number): DescFile | undefined {
    return this.#byExtension.get(message)?.get(number)
  }

  /** Numbers of all extensions of a message; undefined when there is no such message. */
  extensionNumbers(message: string): number[] | undefined {
    if (!this.#bySymbol.has(message)) return undefined
    return [...(this.#byExtension.get(message)?.keys() ?? [])].sort((a, b) => a - b)
  }

  /** `file` and all that it imports, each once, imports first. */
  closureOf(file: DescFile): Uint8Array[] {
    const found = new Set<DescFile>()
    const visit = (one: DescFile): void => {
      if (found.has(one)) return
      one.dependencies.forEach(visit)
      found.add(one)
    }
    visit(file)
    return [...found].reverse().map((one) => this.#bytesOf(one))
  }

  #add(file: DescFile): void {
    // Generated files know their names without the ending.
    if (this.#files.has(file.proto.name)) return
    this.#files.set(file.proto.name, file)
    file.dependencies.forEach((dependency) => {
      this.#add(dependency)
    })
    for (const desc of nestedTypes(file)) this.#addSymbols(file, desc)
  }

  #addSymbols(file: DescFile, desc: AnyDesc): void {
    if (!('typeName' in desc)) return
    this.#bySymbol.set(desc.typeName, file)
    if (desc.kind === 'service') for (const { name } of desc.methods) this.#bySymbol.set(`${desc.typeName}.${name}`, file)
    if (desc.kind === 'message') for (const { name } of desc.fields) this.#bySymbol.set(`${desc.typeName}.${name}`, file)
    if (desc.kind === 'enum') for (const { name } of desc.values) this.#bySymbol.set(`${desc.typeName}.${name}`, file)
    if (desc.kind !== 'extension') return
    const numbers = this.#byExtension.get(desc.extendee.typeName) ?? new Map<number, DescFile>()
    this.#byExtension.set(desc.extendee.typeName, numbers.set(desc.number, file))
  }

  #bytesOf(file: DescFile): Uint8Array {
    const known = this.#bytes.get(file)
    if (known !== undefined) return known
    const bytes = toBinary(FileDescriptorProtoSchema, file.proto)
    this.#bytes.set(file, bytes)
    return bytes
  }
}
