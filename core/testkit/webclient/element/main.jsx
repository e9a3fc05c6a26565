// Starts Element Web's user interface: what is left of an application around it, which Element keeps in another package.
import React from "react";
import ReactDOM from "react-dom";
import BasePlatform from "matrix-react-sdk/src/BasePlatform";
import PlatformPeg from "matrix-react-sdk/src/PlatformPeg";
import SdkConfig from "matrix-react-sdk/src/SdkConfig";
import AutoDiscoveryUtils from "matrix-react-sdk/src/utils/AutoDiscoveryUtils";
import { setLanguage } from "matrix-react-sdk/src/languageHandler";
import { setTheme } from "matrix-react-sdk/src/theme";

const device = "Element in a test";

// Platform is what the interface asks of the browser.
class Platform extends BasePlatform {
    getHumanReadableName() {
        return "Web";
    }
    async getConfig() {}
    getDefaultDeviceDisplayName() {
        return device;
    }
    async requestNotificationPermission() {
        return "denied";
    }
    async getAppVersion() {
        return "test";
    }
    reload() {
        window.location.reload();
    }
}

// The screen, such as a room, is the address's fragment.
const screen = () => window.location.hash.replace(/^#\/?/, "");

async function start() {
    PlatformPeg.set(new Platform());
    SdkConfig.put(await (await fetch("config.json")).json());
    await setLanguage("en");
    await setTheme("light");
    const homeserver = SdkConfig.get("default_server_config")["m.homeserver"].base_url;
    const checked = await AutoDiscoveryUtils.validateServerConfigWithStaticUrls(homeserver, undefined, true);
    SdkConfig.add({ validated_server_config: { ...checked, isDefault: true } });

    // Some of what it loads asks for the config at once.
    const { default: MatrixChat } = await import("matrix-react-sdk/src/components/structures/MatrixChat");
    const chat = React.createRef();
    let told = null;
    window.addEventListener("hashchange", () => screen() !== told && chat.current.showScreen(screen(), {}));
    ReactDOM.render(
        <MatrixChat
            ref={chat}
            config={SdkConfig.get()}
            realQueryParams={{}}
            startingFragmentQueryParams={{}}
            initialScreenAfterLogin={{ screen: screen(), params: {} }}
            defaultDeviceDisplayName={device}
            onTokenLoginCompleted={() => {}}
            onNewScreen={(next) => {
                told = next;
                window.location.hash = "#/" + next;
            }}
        />,
        document.getElementById("matrixchat"),
    );
}

start();
