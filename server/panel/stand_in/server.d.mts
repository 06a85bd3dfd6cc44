export interface StandIn {
  url: string;
  state: { asked: Record<string, unknown>[]; begun: number; isSignedIn: boolean; isDown: boolean; tokens: Set<string> };
  cut(): void;
  close(): Promise<void>;
}
export function standIn(settings?: { port?: number; isSignedIn?: boolean; pace?: number; dist?: string }): Promise<StandIn>;
