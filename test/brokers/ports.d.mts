/** Takes 16 free ports that belong together, and the data folder that goes with them; resolves with the first. */
export function takePorts(): Promise<number>
/** The data folder of the broker whose first port is `base`. */
export function dataFolder(base: number): string
